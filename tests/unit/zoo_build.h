/* What the tests of models have in common: a network by its model's name. */
#ifndef ZOO_BUILD_H
#define ZOO_BUILD_H

#include "net_build.h"
#include "zoo/zoo.h"

/* Of a name that both frameworks have, the first: PyTorch's. */
static inline struct net *build_model(const char *name)
{
    struct error error = {0};
    struct selection selection = {0};
    assert_int_equal(zoo_select(&selection, name, &error), OK);
    assert_true(selection.count >= 1);
    struct net *net = zoo_build(selection.models[0], &error);
    assert_string_equal(error.text, "");
    assert_non_null(net);
    selection_free(&selection);
    return net;
}

#endif
