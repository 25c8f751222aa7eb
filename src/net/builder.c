#include "net/builder.h"
#include "net/layer.h"
#include "net/node.h"

static int or_default(int value, int otherwise)
{
    return value ? value : otherwise;
}

/* The layer that `x` comes out of; it lends its name to the activation that follows. */
static const char *activation_name(tensor x, enum op op)
{
    return x.node < 0 ? "" : name_of(x, "%s.%s", x.net->nodes[x.node].name, op_name(op));
}

static struct window square_window(int kernel, int stride, int padding)
{
    return (struct window){kernel, kernel, stride, stride, padding, padding, padding, padding};
}

tensor net_rescale(tensor x, const double scale[3], const double shift[3])
{
    return layer_rescale(x, node_auto_name(x, op_name(OP_RESCALE)), scale, shift);
}

tensor net_conv(struct conv conv)
{
    struct window window = square_window(conv.kernel, or_default(conv.stride, 1), conv.padding);
    if (conv.kernel_hw[0] || conv.kernel_hw[1]) {
        window.kh = conv.kernel_hw[0];
        window.kw = conv.kernel_hw[1];
    }
    if (conv.padding_hw[0] || conv.padding_hw[1]) {
        window.top = window.bottom = conv.padding_hw[0];
        window.left = window.right = conv.padding_hw[1];
    }
    return layer_conv(conv.input, &(struct conv_layer){.name = conv.name,
                                                       .owner = {.name = conv.name},
                                                       .out = conv.out,
                                                       .window = window,
                                                       .groups = or_default(conv.groups, 1),
                                                       .bias = !conv.no_bias});
}

tensor net_maxpool(struct maxpool pool)
{
    int stride = or_default(pool.stride, pool.kernel);
    return layer_pool(
        pool.input, OP_MAXPOOL,
        &(struct pool_layer){.name = node_auto_name(pool.input, op_name(OP_MAXPOOL)),
                             .window = square_window(pool.kernel, stride, pool.padding),
                             .ceil = pool.ceil});
}

tensor net_avgpool(struct avgpool pool)
{
    int stride = or_default(pool.stride, pool.kernel);
    return layer_pool(
        pool.input, OP_AVGPOOL,
        &(struct pool_layer){.name = node_auto_name(pool.input, op_name(OP_AVGPOOL)),
                             .window = square_window(pool.kernel, stride, pool.padding),
                             .count_padding = !pool.exclude_padding});
}

tensor net_norm(struct norm norm)
{
    return layer_norm(norm.input,
                      &(struct norm_layer){.name = norm.name,
                                           .owner = {.name = norm.name},
                                           .epsilon = norm.epsilon != 0 ? norm.epsilon : 1e-5});
}

tensor net_linear(tensor x, const char *name, int out)
{
    return layer_dense(x, (struct owner){.name = name}, out);
}

tensor net_relu(tensor x)
{
    return layer_activation(x, OP_RELU, activation_name(x, OP_RELU));
}

tensor net_relu6(tensor x)
{
    return layer_activation(x, OP_RELU6, activation_name(x, OP_RELU6));
}

tensor net_global_avgpool(tensor x)
{
    return layer_global_avgpool(x, node_auto_name(x, op_name(OP_GLOBAL_AVGPOOL)));
}

tensor net_flatten(tensor x)
{
    return layer_flatten(x, node_auto_name(x, op_name(OP_FLATTEN)));
}

tensor net_concat(const tensor *list, int count)
{
    const char *name = count > 0 ? node_auto_name(list[0], op_name(OP_CONCAT)) : "";
    return layer_concat(list, count, name);
}

tensor net_concat_until_null(const tensor *list)
{
    int count = 0;
    while (list[count].net)
        count++;
    return net_concat(list, count);
}

tensor net_add(tensor a, tensor b)
{
    return layer_add(a, b, node_auto_name(a, op_name(OP_ADD)));
}

tensor net_softmax(tensor x)
{
    return layer_softmax(x, OP_SOFTMAX, node_auto_name(x, op_name(OP_SOFTMAX)));
}

tensor net_log_softmax(tensor x)
{
    return layer_softmax(x, OP_LOG_SOFTMAX, node_auto_name(x, op_name(OP_LOG_SOFTMAX)));
}

void net_leave_out(tensor x, const char *prefix)
{
    if (x.node < 0)
        return;
    if (x.net->left_out)
        node_fail(x, prefix, "is the second part to leave out; a net has one at most");
    else
        x.net->left_out = name_of(x, "%s", prefix);
}
