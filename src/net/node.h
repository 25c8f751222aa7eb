/* A node put into the graph, or the reason why it cannot be. Model files do not include this. */
#ifndef NET_NODE_H
#define NET_NODE_H

#include "net/tensor.h"

/* No height, width, kernel, stride, padding or number of outputs is larger: one that is would be a
 * slip of the pen, and below it no sum or product of them overflows. */
enum { NODE_LIMIT = 1 << 20 };

/* Append a node and copy its name. Refuses a shape without values or with too many. */
tensor node_put(tensor x, struct node node);

/* BASE, BASE_1, BASE_2, ...: numbered by how many nodes of such a name the net has. */
const char *node_auto_name(tensor x, const char *base);

/* Record that the layer `name` is wrong, or that memory ran out; both return a failed tensor. */
tensor node_fail(tensor x, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
tensor node_no_memory(tensor x);

#endif
