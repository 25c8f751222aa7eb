#include "cli/models_cells.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *cells_text(struct cells *cells, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *copy = arena_string(&cells->arena, text);
    cells->failed |= !copy;
    return copy ? copy : "";
}

const char *cells_accuracy(struct cells *cells, struct accuracy accuracy)
{
    if (accuracy.top1 > 0 && accuracy.top5 > 0)
        return cells_text(cells, "%.2f / %.2f", accuracy.top1, accuracy.top5);
    return accuracy.top1 > 0 ? cells_text(cells, "%.2f / -", accuracy.top1) : "-";
}

const char *cells_recipe(struct cells *cells, const struct recipe *recipe)
{
    char text[RECIPE_TEXT];
    recipe_describe(recipe, text);
    return cells_text(cells, "%s", text);
}

static const char *published_files(struct cells *cells, const struct model *model)
{
    char name[ZOO_WEIGHT_NAME];
    const char *text = NULL;
    for (int i = 0; i < MODEL_WEIGHT_FILES && model->files[i].name; i++) {
        const struct weight_file *file = &model->files[i];
        const char *one = file->name; /* which shows the start of its SHA-256, if it has one */
        if (file->md5)
            one = cells_text(cells, "%s (md5 %s)", file->name, file->md5);
        text = text ? cells_text(cells, "%s or %s", text, one) : one;
    }
    return text ? text : cells_text(cells, "%s", zoo_weight_name(model, 0, name));
}

const char *cells_weights(struct cells *cells, const struct listing *listing, int index)
{
    const struct listed_model *listed = &listing->models[index];
    if (!listing->folder)
        return published_files(cells, listed->model);
    return listed->weights ? strrchr(listed->weights, '/') + 1 : "not there";
}

const char *cells_window(struct cells *cells, const struct node *node)
{
    const struct window *w = &node->window;
    if (!w->kh)
        return "";
    const char *text = cells_text(cells, "%dx%d", w->kh, w->kw);
    if (w->stride_h != 1 || w->stride_w != 1)
        text = cells_text(cells, "%s stride %d", text, w->stride_h);
    if (w->top == w->left && w->top == w->bottom && w->top == w->right)
        return w->top ? cells_text(cells, "%s padding %d", text, w->top) : text;
    return cells_text(cells, "%s padding %d,%d,%d,%d", text, w->top, w->left, w->bottom, w->right);
}

const char *cells_shape(struct cells *cells, struct shape shape)
{
    return cells_text(cells, "%d x %d x %d", shape.h, shape.w, shape.c);
}

const char *cells_operation(struct cells *cells, const struct node *node)
{
    if (node->groups > 1 && node->groups == node->shape.c)
        return "depthwise conv";
    if (node->groups > 1)
        return cells_text(cells, "conv in %d groups", node->groups);
    return op_name(node->op);
}

const char *cells_inputs(struct cells *cells, const struct net *net, int number)
{
    const struct node *node = &net->nodes[number], *nodes = net->nodes;
    const int *inputs = node->inputs;
    if (node->list_length > 2)
        return cells_text(cells, "%s, %s and %d more", nodes[inputs[0]].name, nodes[inputs[1]].name,
                          node->list_length - 2);
    if (inputs[1] >= 0)
        return cells_text(cells, "%s, %s", nodes[inputs[0]].name, nodes[inputs[1]].name);
    return inputs[0] < number - 1 ? nodes[inputs[0]].name : "";
}
