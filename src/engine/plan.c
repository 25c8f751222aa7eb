#include "engine/plan.h"
#include "engine/step.h"

#include <stdlib.h>
#include <sys/mman.h>

enum status plan_make(const struct net *net, const struct weights *weights,
                      const struct kernels *kernels, struct plan **out, struct error *error)
{
    *out = NULL;
    if (net->error.status != OK)
        return error_set(error, net->error.status, "%s", net->error.text);
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return error_memory(error, "the plan");
    plan->kernels = kernels;
    enum status status = lower_net(plan, net, error);
    if (status == OK)
        status = place_buffers(plan, error);
    if (status == OK)
        status = pack_weights(plan, net, weights, error);
    if (status == OK)
        *out = plan;
    else
        plan_free(plan);
    return status;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    if (plan->packed)
        munmap(plan->packed, plan_weight_bytes(plan));
    free(plan->buffers);
    arena_free(&plan->arena);
    free(plan);
}

int plan_classes(const struct plan *plan)
{
    return plan->output.shape.c;
}

enum output_kind plan_output(const struct plan *plan)
{
    return plan->output_kind;
}

long plan_input_floats(const struct plan *plan)
{
    const struct shape *shape = &plan->steps[0].out.shape; /* STEP_INPUT comes first */
    return (long)shape->h * shape->w * shape->c;
}

size_t plan_arena_floats(const struct plan *plan)
{
    return plan->arena_floats;
}

size_t plan_weight_bytes(const struct plan *plan)
{
    return plan->packed_floats * sizeof(float);
}

enum status plan_digest(const struct plan *plan, uint8_t digest[DIGEST_SIZE], struct error *error)
{
    return digest_of(plan->packed, plan_weight_bytes(plan), digest, error);
}
