#include "cli/models.h"

#include "cli/json_path.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* jansson hands NULL upwards where memory ran out: packing a NULL or adding it to a list fails, and
 * frees what was there. */
static void append(json_t **list, json_t *item)
{
    if (json_array_append_new(*list, item)) {
        json_decref(*list);
        *list = NULL;
    }
}

static json_t *accuracy_json(struct accuracy accuracy)
{
    if (!(accuracy.top1 > 0))
        return json_null();
    json_t *top5 = accuracy.top5 > 0 ? json_real(accuracy.top5) : json_null();
    return json_pack("{s:f, s:o}", "top1", accuracy.top1, "top5", top5);
}

static json_t *recipes_json(const struct model *model)
{
    char official[RECIPE_TEXT], reference[RECIPE_TEXT];
    recipe_describe(&model->official, official);
    recipe_describe(&model->reference, reference);
    return json_pack("{s:s, s:s}", "official", official, "reference", reference);
}

static json_t *weights_json(const struct listed_model *listed)
{
    const struct model *model = listed->model;
    json_t *published = json_array(), *names = json_array();
    for (int i = 0; i < MODEL_WEIGHT_FILES && model->files[i].name; i++)
        append(&published,
               json_pack("{s:s, s:s?, s:s?}", "name", model->files[i].name, "sha256_prefix",
                         model->files[i].sha256, "md5", model->files[i].md5));
    char name[ZOO_WEIGHT_NAME];
    for (int i = 0; zoo_weight_name(model, i, name); i++)
        append(&names, json_string(name));
    return json_pack("{s:o, s:o, s:o}", "published", published, "names", names, "path",
                     json_path(listed->weights));
}

static json_t *tensors_json(const struct node *node)
{
    json_t *list = json_array();
    for (int role = 0; role < ROLES; role++) {
        const struct parameter *parameter = &node->parameters[role];
        if (!parameter->name)
            continue;
        json_t *shape = json_array();
        for (int i = 0; i < parameter->rank; i++)
            append(&shape, json_integer(parameter->shape[i]));
        append(&list, json_pack("{s:s, s:o}", "name", parameter->name, "shape", shape));
    }
    return list;
}

static json_t *inputs_json(const struct net *net, const struct node *node)
{
    json_t *list = json_array();
    const int *inputs = node->list ? node->list : node->inputs;
    int count = node->list ? node->list_length : 2;
    for (int i = 0; i < count; i++)
        if (inputs[i] >= 0)
            append(&list, json_string(net->nodes[inputs[i]].name));
    return list;
}

static json_t *window_json(const struct node *node)
{
    const struct window *w = &node->window;
    return json_pack("{s:[ii], s:[ii], s:[iiii]}", "kernel", w->kh, w->kw, "stride", w->stride_h,
                     w->stride_w, "padding", w->top, w->left, w->bottom, w->right);
}

static json_t *layer_json(const struct net *net, const struct node *node)
{
    json_t *layer = json_pack("{s:s, s:s, s:o, s:[iii], s:I, s:I, s:o}", "name", node->name,
                              "operation", op_name(node->op), "inputs", inputs_json(net, node),
                              "output", node->shape.h, node->shape.w, node->shape.c, "parameters",
                              (json_int_t)node_parameters(net, node), "flops",
                              (json_int_t)node_flops(node), "tensors", tensors_json(node));
    int failures = !layer;
    if (node->window.kh)
        failures |= json_object_update_new(layer, window_json(node));
    if (node->op == OP_CONV)
        failures |= json_object_set_new(layer, "groups", json_integer(node->groups));
    if (node->op == OP_NORM)
        failures |= json_object_set_new(layer, "epsilon", json_real(node->epsilon));
    if (!failures)
        return layer;
    json_decref(layer);
    return NULL;
}

static json_t *model_json(const struct listed_model *listed, bool layers)
{
    const struct model *model = listed->model;
    const struct net *net = listed->net;
    json_t *object = json_pack(
        "{s:s, s:s, s:b, s:I, s:I, s:i, s:i, s:o, s:o, s:o, s:o}", "framework",
        framework_name(model->framework), "name", model->name, "in_reference", model->in_reference,
        "parameters", (json_int_t)net_parameters(net), "flops", (json_int_t)net_flops(net), "side",
        model->official.side, "classes", model->classes, "recipes", recipes_json(model),
        "published", accuracy_json(model->published), "recorded", accuracy_json(model->recorded),
        "weights", weights_json(listed));
    if (!layers)
        return object;
    json_t *list = json_array();
    for (int i = 0; i < net->count; i++)
        append(&list, layer_json(net, &net->nodes[i]));
    if (!json_object_set_new(object, "layers", list))
        return object;
    json_decref(object);
    return NULL;
}

enum status models_write_json(const struct listing *listing, struct error *error)
{
    json_t *models = json_array();
    for (int i = 0; i < listing->count; i++)
        append(&models, model_json(&listing->models[i], listing->layers));
    json_t *object = json_pack("{s:o}", "models", models);
    char *text = json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(8));
    json_decref(object);
    if (!text)
        return error_memory(error, "a list of models as JSON");
    puts(text);
    free(text);
    return OK;
}
