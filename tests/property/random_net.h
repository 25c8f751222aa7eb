/* Small networks of random layers in PyTorch's spelling: all kinds of windows, ragged channel
 * counts, nodes used several times, nested concatenations, additions and normalisations that can
 * and that cannot be fused. */
#ifndef TESTS_RANDOM_NET_H
#define TESTS_RANDOM_NET_H

#include "net/graph.h"

/* The same net for the same seed; free it with net_free. */
struct net *random_net(uint64_t seed);

#endif
