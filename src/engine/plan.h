/* A plan: a network with its weights, made ready to run. Batch normalisation is folded, weights are
 * packed into panels, every activation has its place in one arena that is used again and again.
 * A plan is read-only once made, so threads share it; plan_free frees it. The net and the weights
 * are only read while the plan is made. */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include "base/digest.h"
#include "base/error.h"
#include "kernels/kernels.h"
#include "net/graph.h"
#include "par/pool.h"
#include "weights/weights.h"

#include <stddef.h>

/* The number of the rule in doc/numerics.md; results with different ones may differ in bits. */
enum { NUMERICS_VERSION = 1 };

struct plan;

/* What the last layer gives. */
enum output_kind { OUTPUT_LOGITS, OUTPUT_PROBABILITIES, OUTPUT_LOG_PROBABILITIES };

/* Fails with BAD_INPUT where the weights are not this network's (the first tensor that is missing,
 * left over, or of another shape is named) and where the net has an error. */
enum status plan_make(const struct net *net, const struct weights *weights,
                      const struct kernels *kernels, struct plan **plan, struct error *error);
void plan_free(struct plan *plan);

int plan_classes(const struct plan *plan);
enum output_kind plan_output(const struct plan *plan);
long plan_input_floats(const struct plan *plan);   /* of one image: h * w * 3 */
size_t plan_arena_floats(const struct plan *plan); /* activations of one image */
size_t plan_weight_bytes(const struct plan *plan); /* packed */

/* SHA-256 of the packed weights: what it was when they were packed must be what it is later. */
enum status plan_digest(const struct plan *plan, uint8_t digest[DIGEST_SIZE], struct error *error);

/* Activations of one image for each thread. Start it zeroed; it grows to the largest plan. */
struct workspace {
    float **arenas;
    int threads;
    size_t floats; /* of each arena */
};
enum status workspace_reserve(struct workspace *workspace, int threads, const struct plan *plan,
                              struct error *error);
void workspace_free(struct workspace *workspace);

/* Run `count` images: `images` [count][h][w][3], `outputs` [count][classes]. One image is split
 * over the pool layer by layer, several are dealt out whole; no bit depends on which. The
 * workspace must have been reserved for this plan and the pool's threads. */
void plan_run(const struct plan *plan, struct pool *pool, const struct workspace *workspace,
              const float *images, int count, float *outputs);

#endif
