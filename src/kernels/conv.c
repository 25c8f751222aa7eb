#include "kernels/conv.h"

#include <stddef.h>

enum { CHAIN_TERMS = 256, PART_BYTES = 384 * 1024, TILE_LEAST = 56 };

int conv_chain_blocks(int kh, int kw)
{
    int terms = BLOCK * kh * kw;
    int blocks = (CHAIN_TERMS + terms / 2) / terms;
    return blocks > 0 ? blocks : 1;
}

void conv_measure(struct conv *conv)
{
    if (conv->pixel == BLOCK) {
        conv->segment = BLOCK;
        conv->segments = conv->in_blocks * conv->kh * conv->kw;
        conv->chain = conv_chain_blocks(conv->kh, conv->kw) * conv->kh * conv->kw;
    } else { /* a row of the window lies in one piece, and there is one block: one chain */
        conv->segment = conv->kw * conv->pixel;
        conv->segments = conv->chain = conv->kh;
    }
}

void conv_place(struct conv *conv, long row, long plane)
{
    int32_t *offset = conv->offsets;
    int columns = conv->pixel == BLOCK ? conv->kw : 1;
    for (int block = 0; block < conv->in_blocks; block++)
        for (int y = 0; y < conv->kh; y++)
            for (int x = 0; x < columns; x++)
                *offset++ = (int32_t)(block * plane + y * row + (long)x * BLOCK);
}

/* Channels of a panel: all are full but the last. */
static int panel_width(const struct conv *conv, int panel)
{
    int left = blocks_of(conv->out_channels) * BLOCK - panel * conv->panel;
    return left < conv->panel ? left : conv->panel;
}

static long panel_begin(const struct conv *conv, int panel)
{
    return (long)panel * conv->panel * conv->segments * conv->segment;
}

long conv_weight_count(const struct conv *conv)
{
    return (long)blocks_of(conv->out_channels) * BLOCK * conv->segments * conv->segment;
}

long conv_weight_place(const struct conv *conv, int o, int i, int y, int x)
{
    int panel = o / conv->panel;
    long term = conv->pixel == BLOCK
                    ? (((long)i / BLOCK * conv->kh + y) * conv->kw + x) * BLOCK + i % BLOCK
                    : ((long)y * conv->kw + x) * conv->pixel + i;
    return panel_begin(conv, panel) + term * panel_width(conv, panel) + o % conv->panel;
}

static bool is_pointwise(const struct conv *conv)
{
    return conv->kh == 1 && conv->kw == 1 && conv->stride_h == 1 && conv->stride_w == 1 &&
           conv->top == 0 && conv->left == 0;
}

static bool is_gapless(const struct view *view)
{
    return view->row == (long)view->w * BLOCK;
}

static long divide_up(long a, long b)
{
    return (a + b - 1) / b;
}

struct conv_split conv_split(const struct conv *conv, const struct view *in,
                             const struct view *residual, const struct view *out, int pieces)
{
    struct conv_split split = {.flat = is_pointwise(conv) && is_gapless(in) && is_gapless(out) &&
                                       (!residual || is_gapless(residual))};
    split.panels = (int)divide_up(blocks_of(conv->out_channels) * BLOCK, conv->panel);
    split.units = split.flat ? (long)out->h * out->w : out->h;
    long most = split.flat ? divide_up(split.units, TILE_LEAST) : split.units;
    long bytes = (long)in->h * in->w * conv->pixel * conv->in_blocks * (long)sizeof(float);
    long parts = divide_up(bytes, PART_BYTES), wanted = divide_up(pieces, split.panels);
    parts = parts > wanted ? parts : wanted;
    parts = parts < most ? parts : most;
    split.part = divide_up(split.units, parts);
    split.parts = (int)divide_up(split.units, split.part);
    return split;
}

/* A row of `width` output pixels, in tiles as equal as can be. */
static void run_row(const struct kernels *kernels, struct conv_tile tile, long width)
{
    conv_tile_fn **tiles = kernels->tiles[kernels_pixel_stride(tile.pixel_stride)][tile.blocks - 1];
    long count = divide_up(width, kernels->widest);
    for (long i = 0, x = 0; i < count; i++, x += tile.pixels) {
        tile.pixels = (int)divide_up(width - x, count - i);
        tiles[tile.pixels - 1](&tile);
        tile.in += (long)tile.pixels * tile.pixel_stride;
        tile.out += (long)tile.pixels * BLOCK;
        if (tile.residual)
            tile.residual += (long)tile.pixels * BLOCK;
    }
}

void conv_run(const struct kernels *kernels, const struct conv *conv, const struct view *in,
              const struct view *residual, const struct view *out, const struct conv_split *split,
              long piece)
{
    int panel = (int)(piece % split->panels);
    int block = panel * conv->panel / BLOCK;
    long first = piece / split->panels * split->part;
    long end = first + split->part < split->units ? first + split->part : split->units;
    struct conv_tile tile = {
        .blocks = panel_width(conv, panel) / BLOCK,
        .pixel_stride = conv->stride_w * conv->pixel,
        .offsets = conv->offsets,
        .segments = conv->segments,
        .segment = conv->segment,
        .chain = conv->chain,
        .weights = conv->weights + panel_begin(conv, panel),
        .bias = conv->bias + (long)block * BLOCK,
        .out_plane = out->plane,
        .residual_plane = residual ? residual->plane : 0,
        .activation = conv->activation,
    };
    for (long y = first; y < end; y += split->flat ? end - first : 1) {
        int row = split->flat ? 0 : (int)y;
        long pixel = split->flat ? first * BLOCK : 0;
        tile.in = view_at(in, 0, row * conv->stride_h - conv->top, -conv->left) + pixel;
        tile.out = view_at(out, block, row, 0) + pixel;
        tile.residual = residual ? view_at(residual, block, row, 0) + pixel : NULL;
        run_row(kernels, tile, split->flat ? end - first : out->w);
    }
}
