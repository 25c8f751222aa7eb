/* Times the engine on one model of the zoo with formula weights: the least and the median of
 * repeated runs, and each layer's share on request. What it prints is one line of JSON. */
#include "engine/plan.h"
#include "formula_weights.h"
#include "zoo/zoo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static int fail(const struct error *error)
{
    fprintf(stderr, "bench_engine: %s\n", error->text);
    return 1;
}

enum { MOST_RUNS = 10000 };

static void measure(const struct plan *plan, struct pool *pool, const struct workspace *workspace,
                    const float *images, int batch, float *outputs, double seconds)
{
    static double times[MOST_RUNS];
    int runs = 0;
    plan_run(plan, pool, workspace, images, batch, outputs);
    for (double end = now() + seconds; runs < MOST_RUNS && (runs < 5 || now() < end); runs++) {
        double start = now();
        plan_run(plan, pool, workspace, images, batch, outputs);
        times[runs] = now() - start;
    }
    qsort(times, (size_t)runs, sizeof *times, by_value);
    printf("{\"runs\": %d, \"min_ms\": %.4f, \"median_ms\": %.4f}\n", runs, 1e3 * times[0],
           1e3 * times[runs / 2]);
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: bench_engine MODEL BATCH THREADS SECONDS [CPU]\n");
        return 2;
    }
    int batch = atoi(argv[2]), threads = atoi(argv[3]);
    struct error error = {0};
    struct selection selection = {0};
    if (zoo_select(&selection, argv[1], &error) != OK)
        return fail(&error);
    struct net *net = zoo_build(selection.models[0], &error);
    const struct kernels *kernels = kernels_choose(argc > 5 ? argv[5] : NULL, &error);
    struct weights *weights = net ? formula_weights_make(net) : NULL;
    struct plan *plan;
    struct pool *pool;
    struct workspace workspace = {0};
    if (!kernels || !weights || plan_make(net, weights, kernels, &plan, &error) != OK ||
        pool_start(threads, &pool, &error) != OK ||
        workspace_reserve(&workspace, threads, plan, &error) != OK)
        return fail(&error);
    long floats = plan_input_floats(plan) * batch;
    float *images = malloc((size_t)floats * sizeof *images);
    float *outputs = malloc((size_t)batch * (size_t)plan_classes(plan) * sizeof *outputs);
    if (!images || !outputs)
        return 1;
    for (long i = 0; i < floats; i++)
        images[i] = (float)(i * 7919 % 255) / 127.5f - 1.0f;
    measure(plan, pool, &workspace, images, batch, outputs, atof(argv[4]));
    free(images);
    free(outputs);
    pool_stop(pool);
    workspace_free(&workspace);
    plan_free(plan);
    formula_weights_free(weights);
    net_free(net);
    selection_free(&selection);
    return 0;
}
