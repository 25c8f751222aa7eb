#include "net/layer.h"
#include "net/node.h"
#include "net/window.h"

#include <limits.h>

static tensor failed(tensor x)
{
    return (tensor){.net = x.net, .node = -1};
}

/* May a layer be put on `x`? */
static bool is_ready(tensor x, const char *name, bool takes_zeros)
{
    if (x.node < 0)
        return false;
    const char *before = x.net->nodes[x.node].name;
    if (!name || !*name)
        node_fail(x, before, "the layer that follows has no name; give it one");
    else if (tensor_has_zeros(x) && !takes_zeros)
        node_fail(x, name,
                  "comes after zero padding or cropping, which only a convolution or a pooling can "
                  "take");
    else
        return true;
    return false;
}

static bool is_option(tensor x, const char *name, const char *what, int value, int least)
{
    if (value >= least && value <= NODE_LIMIT)
        return true;
    node_fail(x, name, "%s is %d; it must be %d to %d", what, value, least, NODE_LIMIT);
    return false;
}

static void take_zeros(struct window *window, struct margin zeros)
{
    window->top += zeros.top;
    window->left += zeros.left;
    window->bottom += zeros.bottom;
    window->right += zeros.right;
}

/* Is the window, without the tensor's own zeros, a sensible one? */
static bool is_window(tensor x, const char *name, const struct window *w)
{
    return is_option(x, name, "the kernel's height", w->kh, 1) &&
           is_option(x, name, "the kernel's width", w->kw, 1) &&
           is_option(x, name, "the stride downwards", w->stride_h, 1) &&
           is_option(x, name, "the stride to the right", w->stride_w, 1) &&
           is_option(x, name, "the padding above", w->top, 0) &&
           is_option(x, name, "the padding on the left", w->left, 0) &&
           is_option(x, name, "the padding below", w->bottom, 0) &&
           is_option(x, name, "the padding on the right", w->right, 0);
}

/* Height and width after sliding `w` over x; false, with the error recorded, where it does not
 * fit. */
static bool slide(tensor x, const char *name, const struct window *w, bool ceil, struct shape *out)
{
    struct shape in = shape_of(x);
    struct margins rows = {w->top, w->bottom}, columns = {w->left, w->right};
    out->h = window_count(in.h, w->kh, w->stride_h, rows, ceil);
    out->w = window_count(in.w, w->kw, w->stride_w, columns, ceil);
    if (out->h && out->w)
        return true;
    node_fail(x, name,
              "a %d x %d kernel does not fit into %d x %d pixels with padding %d, %d, "
              "%d, %d (top, left, bottom, right); use a smaller kernel or more padding",
              w->kh, w->kw, in.h, in.w, w->top, w->left, w->bottom, w->right);
    return false;
}

tensor layer_rescale(tensor x, const char *name, const double scale[3], const double shift[3])
{
    if (!is_ready(x, name, false))
        return failed(x);
    struct node node = {
        .op = OP_RESCALE, .name = name, .shape = shape_of(x), .inputs = {x.node, -1}};
    if (x.net->nodes[x.node].op != OP_INPUT || node.shape.c != 3)
        return node_fail(x, name, "only the input picture is rescaled, and only one of 3 channels");
    for (int c = 0; c < 3; c++) {
        node.scale[c] = (float)scale[c];
        node.shift[c] = (float)shift[c];
    }
    return node_put(x, node);
}

tensor layer_conv(tensor x, const struct conv_layer *layer)
{
    const char *name = layer->name;
    if (!is_ready(x, name, true))
        return failed(x);
    struct node node = {.op = OP_CONV,
                        .name = name,
                        .inputs = {x.node, -1},
                        .window = layer->window,
                        .groups = layer->groups,
                        .factor = layer->factor != 0 ? layer->factor : 1};
    take_zeros(&node.window, x.zeros);
    node.shape.c = layer->out;
    if (!is_option(x, name, "the number of output channels", layer->out, 1) ||
        !is_option(x, name, "the number of groups", layer->groups, 1) ||
        !is_window(x, name, &layer->window) || !slide(x, name, &node.window, false, &node.shape))
        return failed(x);
    int in = shape_of(x).c;
    if (in % layer->groups || layer->out % layer->groups)
        return node_fail(x, name, "%d groups do not divide %d input and %d output channels",
                         layer->groups, in, layer->out);
    if (!parameter_conv_kernel(x, &node, layer->owner, layer->kernel) ||
        (layer->bias && !parameter_vector(x, &node, layer->owner, ROLE_BIAS)))
        return failed(x);
    return node_put(x, node);
}

tensor layer_pool(tensor x, enum op op, const struct pool_layer *layer)
{
    const char *name = layer->name;
    const struct window *own = &layer->window;
    bool zeros = tensor_has_zeros(x), pads = own->top || own->left || own->bottom || own->right;
    if (!is_ready(x, name, true))
        return failed(x);
    if (zeros && pads)
        return node_fail(x, name, "pads a picture that has zero padding already; pad once");
    struct node node = {.op = op,
                        .name = name,
                        .shape = shape_of(x),
                        .inputs = {x.node, -1},
                        .window = layer->window,
                        .count_padding = layer->count_padding || zeros};
    struct window *w = &node.window;
    take_zeros(w, x.zeros);
    if (!is_window(x, name, own) || !slide(x, name, w, layer->ceil, &node.shape))
        return failed(x);
    if (!zeros && (w->top > w->kh / 2 || w->bottom > w->kh / 2 || w->left > w->kw / 2 ||
                   w->right > w->kw / 2))
        return node_fail(x, name,
                         "padding %d, %d, %d, %d (top, left, bottom, right) is more than "
                         "half of the %d x %d window",
                         w->top, w->left, w->bottom, w->right, w->kh, w->kw);
    return node_put(x, node);
}

tensor layer_norm(tensor x, const struct norm_layer *layer)
{
    const char *name = layer->name;
    double epsilon = layer->epsilon;
    if (!is_ready(x, name, false))
        return failed(x);
    if (!(epsilon > 0 && epsilon < 1))
        return node_fail(x, name, "epsilon is %g; it must be between 0 and 1", epsilon);
    struct node node = {.op = OP_NORM,
                        .name = name,
                        .shape = shape_of(x),
                        .inputs = {x.node, -1},
                        .epsilon = epsilon};
    for (enum role role = layer->no_scale ? ROLE_BETA : ROLE_GAMMA; role <= ROLE_VARIANCE; role++)
        if (!parameter_vector(x, &node, layer->owner, role))
            return failed(x);
    return node_put(x, node);
}

static bool is_vector(tensor x, const char *name)
{
    struct shape in = shape_of(x);
    if (in.h == 1 && in.w == 1)
        return true;
    node_fail(x, name, "its input is %d x %d x %d; flatten or pool it to 1 x 1 first", in.h, in.w,
              in.c);
    return false;
}

tensor layer_dense(tensor x, struct owner owner, int out)
{
    const char *name = owner.name;
    if (!is_ready(x, name, false) || !is_vector(x, name) ||
        !is_option(x, name, "the number of outputs", out, 1))
        return failed(x);
    struct node node = {
        .op = OP_DENSE, .name = name, .shape = {1, 1, out}, .inputs = {x.node, -1}, .factor = 1};
    if (!parameter_dense_kernel(x, &node, owner) || !parameter_vector(x, &node, owner, ROLE_BIAS))
        return failed(x);
    return node_put(x, node);
}

tensor layer_activation(tensor x, enum op op, const char *name)
{
    if (!is_ready(x, name, false))
        return failed(x);
    return node_put(
        x, (struct node){.op = op, .name = name, .shape = shape_of(x), .inputs = {x.node, -1}});
}

tensor layer_softmax(tensor x, enum op op, const char *name)
{
    if (x.node < 0 || !is_vector(x, name))
        return failed(x);
    return layer_activation(x, op, name);
}

tensor layer_global_avgpool(tensor x, const char *name)
{
    struct shape shape = {1, 1, shape_of(x).c};
    if (!is_ready(x, name, false))
        return failed(x);
    return node_put(
        x, (struct node){
               .op = OP_GLOBAL_AVGPOOL, .name = name, .shape = shape, .inputs = {x.node, -1}});
}

tensor layer_flatten(tensor x, const char *name)
{
    struct shape in = shape_of(x), shape = {1, 1, in.h * in.w * in.c};
    if (!is_ready(x, name, false))
        return failed(x);
    return node_put(
        x, (struct node){.op = OP_FLATTEN, .name = name, .shape = shape, .inputs = {x.node, -1}});
}

static bool is_same_size(tensor a, tensor b, const char *name, bool channels)
{
    struct shape p = shape_of(a), q = shape_of(b);
    if (p.h == q.h && p.w == q.w && (p.c == q.c || !channels))
        return true;
    const struct node *nodes = a.net->nodes;
    node_fail(a, name, "%.100s is %d x %d x %d but %.100s is %d x %d x %d; %s must be equal",
              nodes[a.node].name, p.h, p.w, p.c, nodes[b.node].name, q.h, q.w, q.c,
              channels ? "the shapes" : "heights and widths");
    return false;
}

/* Two tensors of one net, neither failed nor padded. A failed one has told why. */
static bool is_pair(tensor a, tensor b, const char *name)
{
    if (a.net && b.net && a.net != b.net)
        node_fail(a, name, "joins tensors of two nets");
    return a.net == b.net && is_ready(a, name, false) && is_ready(b, name, false);
}

tensor layer_add(tensor a, tensor b, const char *name)
{
    if (!is_pair(a, b, name) || !is_same_size(a, b, name, true))
        return failed(a);
    return node_put(
        a, (struct node){
               .op = OP_ADD, .name = name, .shape = shape_of(a), .inputs = {a.node, b.node}});
}

tensor layer_concat(const tensor *list, int count, const char *name)
{
    if (count < 1)
        return (tensor){.node = -1};
    tensor first = list[0];
    struct shape shape = shape_of(first);
    int64_t channels = 0;
    for (int i = 0; i < count; i++) {
        if (!is_pair(first, list[i], name) || !is_same_size(first, list[i], name, false))
            return failed(first);
        channels += shape_of(list[i]).c;
    }
    if (channels > INT_MAX)
        return node_fail(first, name, "more than %d channels", INT_MAX);
    int *nodes = arena_alloc(&first.net->arena, (size_t)count, sizeof *nodes);
    if (!nodes)
        return node_no_memory(first);
    for (int i = 0; i < count; i++)
        nodes[i] = list[i].node;
    shape.c = (int)channels;
    return node_put(first, (struct node){.op = OP_CONCAT,
                                         .name = name,
                                         .shape = shape,
                                         .inputs = {nodes[0], count > 1 ? nodes[1] : -1},
                                         .list = nodes,
                                         .list_length = count});
}
