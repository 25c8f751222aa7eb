/* A convolution layer made ready to run: its window as offsets into a view, its weights packed in
 * panels. Whoever plans a layer owns its arrays; running only reads them, so threads share them. */
#ifndef KERNELS_CONV_H
#define KERNELS_CONV_H

#include "kernels/kernels.h"

struct conv {
    int out_channels;
    int in_blocks; /* of 16 in storage; 1 for the 3-channel input */
    int pixel;     /* floats of an input pixel in one block: 16, or 3 */
    int kh, kw, stride_h, stride_w, top, left;
    enum activation activation;

    int panel;        /* output channels of a full weight panel */
    int segment;      /* floats per segment: 16, or kw * 3 */
    int segments;     /* of a window */
    int chain;        /* segments per chain */
    int32_t *offsets; /* [segments], for the strides of the input view */
    float *weights;   /* panel after panel: [segments][segment][width of the panel] */
    float *bias;      /* [blocks * 16] */
};

/* Input blocks whose products make one chain: about 256 terms, never less than one block. See
 * doc/numerics.md, "Chains". */
int conv_chain_blocks(int kh, int kw);

/* Fill `segment`, `segments` and `chain` from the geometry. */
void conv_measure(struct conv *conv);

/* Fill `offsets` for an input whose rows and blocks lie so many floats apart. */
void conv_place(struct conv *conv, long row, long plane);

/* How many floats `weights` has, and where the weight of output o, input channel i and window
 * place (y, x) stands in it. */
long conv_weight_count(const struct conv *conv);
long conv_weight_place(const struct conv *conv, int o, int i, int y, int x);

/* One image's work, cut into pieces that any thread may do in any order. */
struct conv_split {
    bool flat;         /* a 1x1 layer without gaps between rows: the picture is one long row */
    int panels, parts; /* panels * parts pieces */
    long units, part;  /* output rows (pixels where flat): in all, and of a part */
};

/* At least about `pieces` pieces, if the layer is large enough to be worth it; parts small enough
 * that their input stays in the cache. */
struct conv_split conv_split(const struct conv *conv, const struct view *in,
                             const struct view *residual, const struct view *out, int pieces);

/* Do one piece. `residual` may be NULL. */
void conv_run(const struct kernels *kernels, const struct conv *conv, const struct view *in,
              const struct view *residual, const struct view *out, const struct conv_split *split,
              long piece);

#endif
