#include "data/demo_picture.h"

#include <stdbool.h>
#include <stdlib.h>

/* Lengths are in eighths of a pixel; a pixel is sampled at SAMPLES x SAMPLES points. */
enum { UNIT = 8, SAMPLES = 4, CANVAS = DEMO_SIDE * UNIT };

/* SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* A number from `low` to `high`, both included. */
static int random_between(uint64_t *state, int low, int high)
{
    uint64_t range = (uint64_t)(high - low) + 1;
    return low + (int)((random_next(state) >> 32) * range >> 32);
}

struct figure {
    int x, y, radius;
    int cosine, sine;  /* of its turn, in 256ths */
    int stroke;        /* width of a line of it */
    int period, phase; /* of stripes and squares */
    bool round;        /* outline of a striped patch */
    uint8_t colour[3];
};

/* Whether a figure covers the point (u, v), seen from its centre and turned upright. */
static bool covers_disc(const struct figure *f, int u, int v)
{
    return u * u + v * v <= f->radius * f->radius;
}

static bool covers_ring(const struct figure *f, int u, int v)
{
    int inner = f->radius - f->stroke;
    return covers_disc(f, u, v) && u * u + v * v > inner * inner;
}

static bool covers_square(const struct figure *f, int u, int v)
{
    int half = f->radius * 7 / 8;
    return abs(u) <= half && abs(v) <= half;
}

static bool covers_frame(const struct figure *f, int u, int v)
{
    int inner = f->radius * 7 / 8 - f->stroke;
    return covers_square(f, u, v) && (abs(u) > inner || abs(v) > inner);
}

static bool covers_triangle(const struct figure *f, int u, int v)
{
    return v <= f->radius * 3 / 4 && 7 * abs(u) <= 4 * (v + f->radius);
}

static bool covers_cross(const struct figure *f, int u, int v)
{
    int half = f->stroke / 2 + UNIT / 2;
    return (abs(u) <= half && abs(v) <= f->radius) || (abs(v) <= half && abs(u) <= f->radius);
}

static bool covers_patch(const struct figure *f, int u, int v)
{
    return f->round ? covers_disc(f, u, v) : covers_square(f, u, v);
}

/* Whether the stripe at `along` is a painted one; the offset keeps the division off negatives. */
static bool stripe(const struct figure *f, int along)
{
    return (along + f->phase + 64 * f->period) / f->period % 2;
}

static bool covers_horizontal(const struct figure *f, int u, int v)
{
    return covers_patch(f, u, v) && stripe(f, v);
}

static bool covers_vertical(const struct figure *f, int u, int v)
{
    return covers_patch(f, u, v) && stripe(f, u);
}

static bool covers_diagonal(const struct figure *f, int u, int v)
{
    return covers_patch(f, u, v) && stripe(f, (u + v) * 181 / 256);
}

static bool covers_checker(const struct figure *f, int u, int v)
{
    return covers_patch(f, u, v) && stripe(f, u) != stripe(f, v);
}

static const struct {
    const char *name;
    bool (*covers)(const struct figure *, int u, int v);
} classes[DEMO_CLASSES] = {
    {"disc", covers_disc},
    {"ring", covers_ring},
    {"square", covers_square},
    {"frame", covers_frame},
    {"triangle", covers_triangle},
    {"cross", covers_cross},
    {"horizontal", covers_horizontal},
    {"vertical", covers_vertical},
    {"diagonal", covers_diagonal},
    {"checker", covers_checker},
};

const char *demo_class_name(int label)
{
    return classes[label].name;
}

/* Cosine and sine of 0, 4, 8, 12 and 16 degrees, in 256ths. */
static const int turns[][2] = {{256, 0}, {255, 18}, {254, 36}, {250, 53}, {246, 71}};

static struct figure figure_choose(uint64_t *state, int smallest, int largest)
{
    struct figure f = {.radius = random_between(state, smallest, largest)};
    int margin = f.radius * 7 / 8;
    f.x = random_between(state, margin, CANVAS - margin);
    f.y = random_between(state, margin, CANVAS - margin);
    int turn = random_between(state, -4, 4);
    f.cosine = turns[abs(turn)][0];
    f.sine = turn < 0 ? -turns[-turn][1] : turns[turn][1];
    f.stroke = f.radius * random_between(state, 24, 40) / 100;
    f.period = random_between(state, 2 * UNIT, 3 * UNIT);
    f.phase = random_between(state, 0, 2 * f.period);
    f.round = random_between(state, 0, 1);
    for (int i = 0; i < 3; i++)
        f.colour[i] = (uint8_t)random_between(state, 0, 255);
    return f;
}

/* How many of the sample points of pixel (x, y) the figure covers. */
static int figure_coverage(const struct figure *f, int label, int x, int y)
{
    int covered = 0;
    for (int i = 0; i < SAMPLES * SAMPLES; i++) {
        int step = UNIT / SAMPLES;
        int across = x * UNIT + i % SAMPLES * step + step / 2 - f->x;
        int down = y * UNIT + i / SAMPLES * step + step / 2 - f->y;
        int u = (across * f->cosine + down * f->sine) / 256;
        int v = (down * f->cosine - across * f->sine) / 256;
        covered += classes[label].covers(f, u, v);
    }
    return covered;
}

static void figure_draw(const struct figure *f, int label, uint8_t pixels[DEMO_PIXEL_BYTES])
{
    const int all = SAMPLES * SAMPLES;
    for (int i = 0; i < DEMO_PIXEL_BYTES; i += 3) {
        int covered = figure_coverage(f, label, i / 3 % DEMO_SIDE, i / 3 / DEMO_SIDE);
        for (int c = 0; c < 3; c++)
            pixels[i + c] =
                (uint8_t)((pixels[i + c] * (all - covered) + f->colour[c] * covered) / all);
    }
}

/* From a colour at the top to one near it at the bottom; `colour` is the one half way. */
static void background_draw(uint64_t *state, uint8_t colour[3], uint8_t pixels[DEMO_PIXEL_BYTES])
{
    for (int c = 0; c < 3; c++) {
        int from = random_between(state, 0, 255);
        int to = random_between(state, from > 40 ? from - 40 : 0, from < 215 ? from + 40 : 255);
        colour[c] = (uint8_t)((from + to) / 2);
        for (int i = c; i < DEMO_PIXEL_BYTES; i += 3) {
            int row = i / 3 / DEMO_SIDE;
            pixels[i] = (uint8_t)((from * (DEMO_SIDE - 1 - row) + to * row) / (DEMO_SIDE - 1));
        }
    }
}

static void noise_add(uint64_t *state, uint8_t pixels[DEMO_PIXEL_BYTES])
{
    int strength = random_between(state, 4, 32);
    for (int i = 0; i < DEMO_PIXEL_BYTES; i++) {
        int value = pixels[i] + random_between(state, -strength, strength);
        pixels[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}

/* Brightness, 0 to 255: a figure must differ in it, for JPEG keeps colour at half resolution. */
static int luma(const uint8_t colour[3])
{
    return (77 * colour[0] + 150 * colour[1] + 29 * colour[2]) / 256;
}

void demo_picture_draw(enum demo_split split, int label, long number,
                       uint8_t pixels[DEMO_PIXEL_BYTES])
{
    uint64_t state = ((uint64_t)split << 56) + ((uint64_t)label << 48) + (uint64_t)number;
    state = random_next(&state); /* neighbouring seeds, streams far apart */
    uint8_t background[3];
    background_draw(&state, background, pixels);
    struct figure figure;
    do
        figure = figure_choose(&state, 7 * UNIT, 12 * UNIT);
    while (abs(luma(figure.colour) - luma(background)) < 30);
    figure_draw(&figure, label, pixels);
    for (int left = random_between(&state, 0, 5); left > 0; left--) {
        struct figure small = figure_choose(&state, UNIT, 3 * UNIT);
        figure_draw(&small, random_between(&state, 0, DEMO_CLASSES - 1), pixels);
    }
    noise_add(&state, pixels);
}
