/* The table of kernels: the same operations for each instruction set, all with the same bits.
 * src/kernels/c is the specification (doc/numerics.md); the others repeat it faster. Tables are
 * static; nothing here allocates. */
#ifndef KERNELS_KERNELS_H
#define KERNELS_KERNELS_H

#include "base/error.h"
#include "kernels/view.h"

#include <stdbool.h>
#include <stdint.h>

enum activation { ACT_NONE, ACT_RELU, ACT_RELU6 };

/* ---- convolution: one tile -------------------------------------------------------------- */

enum { PIXEL_STRIDES = 5, TILE_BLOCKS = 2, TILE_PIXELS = 14 };

/* `pixels` neighbouring outputs of a row (pixels 0, 1, ... of the input lie pixel_stride floats
 * apart) times 16 * blocks output channels. */
struct conv_tile {
    int pixels, blocks, pixel_stride;
    const float *in;        /* where pixel 0's window begins */
    const int32_t *offsets; /* of each segment of the window, from `in`, in floats */
    int segments;           /* consecutive runs of floats that the window is made of */
    int segment;            /* floats in each: 16, or kw * 3 in the first layer */
    int chain;              /* segments that are summed before the sum is added to the total */
    const float *weights;   /* [segments][segment][16 * blocks] */
    const float *bias;      /* [16 * blocks] */
    float *out;             /* pixel 0 of the first block; pixels lie 16 floats apart */
    long out_plane;         /* floats from block to block */
    const float *residual;  /* added after the bias, laid out like `out`; NULL: none */
    long residual_plane;
    enum activation activation;
};
typedef void conv_tile_fn(const struct conv_tile *tile);

/* ---- depthwise convolution and poolings: one block of 16 channels, some rows -------------- */

struct rows_job {
    const float *in; /* pixel (0, 0) of the block, its halo around it */
    long in_row;     /* floats from row to row */
    int in_h, in_w;  /* poolings clip their windows to these, unless the padding counts */
    float *out;      /* pixel (0, 0) of the block */
    long out_row;
    int out_w, first, end; /* output rows [first, end) */
    int kh, kw, stride_h, stride_w, top, left;
    const float *weights; /* depthwise: [kh * kw][16] */
    const float *bias;    /* depthwise: [16] */
    enum activation activation;
    bool count_padding; /* poolings: the halo is read as padding */
};
typedef void rows_fn(const struct rows_job *job);

/* ---- elementwise: out = activation(in * scale + shift [+ other]) over a row of pixels ----- */

struct affine_job {
    const float *in, *other; /* other: NULL or the second term of an addition */
    float *out;
    int pixels;
    const float *scale, *shift; /* [16]; scale NULL: in is taken as it is */
    enum activation activation;
};
typedef void affine_fn(const struct affine_job *job);

struct kernels {
    const char *name;
    int panel;  /* output channels of a weight panel: 16 or 32 */
    int widest; /* most pixels that a tile may have */
    /* [index of pixel stride][blocks - 1][pixels - 1] */
    conv_tile_fn *(*tiles)[TILE_BLOCKS][TILE_PIXELS];
    rows_fn *depthwise, *maxpool, *avgpool;
    affine_fn *affine;
};

/* The index in `tiles` of a distance between input pixels in floats; -1: there is no such tile. */
int kernels_pixel_stride(int floats);

/* The table for "c", "avx2", "avx512", or the fastest that this processor has for NULL or "best".
 * NULL with BAD_USAGE for another name or for instructions that it lacks, and with NOT_TRUSTWORTHY
 * where the calling thread does not compute as doc/numerics.md wants ("Numbers"). */
const struct kernels *kernels_choose(const char *name, struct error *error);

/* ---- the end of a network, in place, in one version for all: see kernels/c/softmax.c ------- */

void softmax_of(float *values, int count);
void softmax_log(float *values, int count);

#endif
