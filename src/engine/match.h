/* Which tensor of a Keras file is which parameter of a net. Keras 1, 2 and 3 name the same layers
 * and weights differently, and Keras itself goes by their order; see doc/formats.md, "Keras
 * names". */
#ifndef ENGINE_MATCH_H
#define ENGINE_MATCH_H

#include "net/graph.h"
#include "weights/weights.h"

/* Fill found[node * ROLES + role] for every parameter; NULL where the file has none. Shapes are not
 * looked at. */
enum status match_keras(const struct net *net, const struct weights *weights,
                        const struct weight **found, struct error *error);

#endif
