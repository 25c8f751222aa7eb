/* How long decoding and resizing take, beside libjpeg-turbo's own decoding of the same files.
 *
 *     preprocess FILE...
 *
 * Prints one line: the mean milliseconds of CPU time a picture, each the least of ROUNDS rounds
 * over all files, the kinds of work taking turns on each file. preprocess_pillow.py reads it. */
#include "base/file.h"
#include "image/image_cpu.h"
#include "image/recipe.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <jpeglib.h>

enum { ROUNDS = 5, LIMIT = 1 << 28 };

enum kind { LIBJPEG, DECODE, BILINEAR, BICUBIC, NEAREST, FLOATS, BILINEAR_C, KINDS };

static const char *const kind_names[KINDS] = {"libjpeg", "decode", "bilinear",  "bicubic",
                                              "nearest", "floats", "bilinear_c"};

static const struct recipe official = {FIT_SHORT_SIDE, 256, 224, FILTER_BILINEAR, MODE_TORCHVISION};
static const struct recipe bicubic = {FIT_SHORT_SIDE, 256, 224, FILTER_BICUBIC, MODE_TORCHVISION};
static const struct recipe reference = {FIT_SQUASH, 0, 224, FILTER_NEAREST, MODE_TF};

struct bench {
    struct bytes *files;
    int count;
    struct image image, square;
    struct recipe_scratch scratch;
    float *floats;
};

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void stop_on(enum status status, const struct error *error)
{
    if (status == OK)
        return;
    fprintf(stderr, "preprocess: %s\n", error->text);
    exit(status);
}

/* What a program does that only wants the pixels. A broken file ends it by libjpeg's own exit. */
static void libjpeg_decode(const struct bytes *file, uint8_t *pixels)
{
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr errors;
    info.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, file->data, file->size);
    jpeg_read_header(&info, TRUE);
    info.out_color_space = info.num_components == 4 ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&info);
    size_t stride = (size_t)info.output_width * (size_t)info.output_components;
    while (info.output_scanline < info.output_height) {
        JSAMPROW rows[8];
        for (int i = 0; i < 8; i++)
            rows[i] = pixels + (info.output_scanline + (size_t)i) * stride;
        jpeg_read_scanlines(&info, rows, 8);
    }
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
}

static void work(struct bench *bench, enum kind kind, const struct bytes *file)
{
    struct error error = {0};
    struct recipe_scratch *scratch = &bench->scratch;
    switch (kind) {
    case LIBJPEG:
        libjpeg_decode(file, bench->image.pixels);
        break;
    case DECODE:
        stop_on(image_decode(&bench->image, file->data, file->size, "a file", &error), &error);
        break;
    case BILINEAR:
    case BILINEAR_C:
        stop_on(recipe_pixels(&official, &bench->image, scratch, &bench->square, &error), &error);
        break;
    case BICUBIC:
        stop_on(recipe_pixels(&bicubic, &bench->image, scratch, &bench->square, &error), &error);
        break;
    case NEAREST:
        stop_on(recipe_pixels(&reference, &bench->image, scratch, &bench->square, &error), &error);
        break;
    default:
        stop_on(recipe_apply(&official, &bench->image, scratch, bench->floats, &error), &error);
    }
}

static void run_round(struct bench *bench, double seconds[KINDS])
{
    bool vectors = image_use_cpu(IMAGE_CPU_AVX2, NULL) == OK;
    for (int i = 0; i < bench->count; i++) {
        work(bench, LIBJPEG, &bench->files[i]); /* brings file and pixels into the cache */
        for (int kind = 0; kind < KINDS; kind++) {
            image_use_cpu(vectors && kind != BILINEAR_C ? IMAGE_CPU_AVX2 : IMAGE_CPU_C, NULL);
            double start = cpu_seconds();
            work(bench, (enum kind)kind, &bench->files[i]);
            seconds[kind] += cpu_seconds() - start;
        }
    }
}

static void load(struct bench *bench, char **paths, int count)
{
    struct error error = {0};
    size_t most = 1;
    bench->count = count;
    bench->files = calloc((size_t)count, sizeof *bench->files);
    bench->floats = malloc((size_t)official.side * (size_t)official.side * 3 * sizeof(float));
    if (!bench->files || !bench->floats)
        stop_on(error_memory(&error, "the files"), &error);
    for (int i = 0; i < count; i++) {
        struct bytes *file = &bench->files[i];
        stop_on(file_load(paths[i], LIMIT, file, &error), &error);
        stop_on(image_decode(&bench->image, file->data, file->size, paths[i], &error), &error);
        size_t pixels = (size_t)bench->image.width * ((size_t)bench->image.height + 8);
        most = pixels > most ? pixels : most;
    }
    /* Room for any of them with libjpeg's four bytes a pixel. */
    stop_on(image_reserve(&bench->image, (int)most, 2, &error), &error);
}

static void unload(struct bench *bench)
{
    for (int i = 0; i < bench->count; i++)
        bytes_free(&bench->files[i]);
    free(bench->files);
    free(bench->floats);
    image_free(&bench->image);
    image_free(&bench->square);
    recipe_scratch_free(&bench->scratch);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: preprocess FILE...\n");
        return BAD_USAGE;
    }
    struct bench bench = {0};
    double least[KINDS];
    load(&bench, argv + 1, argc - 1);
    for (int round = 0; round < ROUNDS; round++) {
        double seconds[KINDS] = {0};
        run_round(&bench, seconds);
        for (int kind = 0; kind < KINDS; kind++)
            if (round == 0 || seconds[kind] < least[kind])
                least[kind] = seconds[kind];
    }
    for (int kind = 0; kind < KINDS; kind++)
        printf("%s %.4f%c", kind_names[kind], least[kind] / bench.count * 1e3,
               kind == KINDS - 1 ? '\n' : ' ');
    unload(&bench);
    return OK;
}
