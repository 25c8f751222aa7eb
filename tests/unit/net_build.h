/* What the tests of the graph have in common: one call from a builder to a net or its error. */
#ifndef NET_BUILD_H
#define NET_BUILD_H

#include <string.h>

#include "net/tensor.h"

typedef tensor build_function(tensor x);

/* A net called "test" over `side` x `side` pixels; NULL, with the error, where it is refused. */
static inline struct net *build_net(enum framework framework, int side, int channels,
                                    build_function *build, struct error *error)
{
    struct net *net = net_new(framework, "test");
    tensor output = build(net_input(net, side, side, channels));
    if (net_finish(net, output, error) == OK)
        return net;
    net_free(net);
    return NULL;
}

/* The same of a builder without fault. */
static inline struct net *build_good(enum framework framework, int side, int channels,
                                     build_function *build)
{
    struct error error = {0};
    struct net *net = build_net(framework, side, channels, build, &error);
    assert_string_equal(error.text, "");
    assert_non_null(net);
    return net;
}

static inline const struct node *find_node(const struct net *net, const char *name)
{
    for (int i = 0; i < net->count; i++)
        if (!strcmp(net->nodes[i].name, name))
            return &net->nodes[i];
    fail_msg("there is no node '%s'", name);
    return NULL;
}

static inline void assert_shape(const struct net *net, const char *name, int h, int w, int c)
{
    const struct shape shape = find_node(net, name)->shape;
    assert_int_equal(shape.h, h);
    assert_int_equal(shape.w, w);
    assert_int_equal(shape.c, c);
}

static inline void assert_parameter(const struct net *net, const char *node, enum role role,
                                    const char *name, int rank, const int64_t *shape)
{
    const struct parameter *parameter = &find_node(net, node)->parameters[role];
    assert_non_null(parameter->name);
    assert_string_equal(parameter->name, name);
    assert_int_equal(parameter->rank, rank);
    for (int i = 0; i < rank; i++)
        assert_int_equal(parameter->shape[i], shape[i]);
}

/* A builder with a fault, and what is said of it. */
struct refusal {
    const char *about;
    build_function *build;
    const char *text;
};

static inline void assert_refused(enum framework framework, const struct refusal *refusals,
                                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct error error = {0};
        struct net *net = build_net(framework, 32, 3, refusals[i].build, &error);
        if (net || !strstr(error.text, refusals[i].text))
            print_message("%s: %s\n", refusals[i].about, error.text);
        assert_null(net);
        assert_int_equal(error.status, BAD_INPUT);
        assert_non_null(strstr(error.text, refusals[i].text));
    }
}

#endif
