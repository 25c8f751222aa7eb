/* A second engine, written from doc/numerics.md alone: plain arrays [channel][row][column], no
 * blocks in memory, no fusion, no padding in memory, one loop an operation. It shares no code with
 * src/engine and src/kernels but the softmaxes. */
#ifndef TESTS_PLAIN_H
#define TESTS_PLAIN_H

#include "net/graph.h"

/* The net's outputs for one picture [h][w][3] with formula.h's weights; the caller frees them. */
float *plain_run(const struct net *net, uint64_t seed, const float *image);

#endif
