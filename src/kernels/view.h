/* A view: an activation of one image as kernels see it. It owns nothing.
 *
 * Layout NCHW16c: channels come in blocks of 16, so that element (c, y, x) is
 * data[c/16 * plane + y * row + x * 16 + c%16]. Channels beyond the last real one are +0. Around
 * the picture there may be a halo of +0, so y and x may be as low as -halo where one is stored.
 * The network's input is the exception: NHWC with `pixel` = 3 floats a pixel and one block. */
#ifndef KERNELS_VIEW_H
#define KERNELS_VIEW_H

enum { BLOCK = 16 };

struct view {
    float *data;     /* of pixel (0, 0) in block 0 */
    int h, w;        /* pixels, without halo */
    int blocks;      /* of 16 channels */
    int pixel;       /* floats between neighbours in a row: 16, or 3 */
    long row, plane; /* floats between rows, between blocks */
};

static inline float *view_at(const struct view *view, int block, int y, int x)
{
    return view->data + block * view->plane + y * view->row + (long)x * view->pixel;
}

static inline int blocks_of(int channels)
{
    return (channels + BLOCK - 1) / BLOCK;
}

#endif
