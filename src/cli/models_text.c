#include "cli/models_cells.h"
#include "report/table.h"

#include <stdio.h>
#include <string.h>

enum { MOST_RECIPES = 16 };

/* Recipes are long and shared by many models: each is told once, under a letter. */
struct recipe_key {
    struct table_fact facts[MOST_RECIPES];
    char letters[MOST_RECIPES][2];
    int count;
};

static const char *recipe_letter(struct cells *cells, struct recipe_key *key,
                                 const struct recipe *recipe)
{
    const char *text = cells_recipe(cells, recipe);
    for (int i = 0; i < key->count; i++)
        if (!strcmp(key->facts[i].value.text, text))
            return key->letters[i];
    if (key->count == MOST_RECIPES)
        return text;
    char *letter = key->letters[key->count];
    letter[0] = (char)('A' + key->count);
    key->facts[key->count++] = (struct table_fact){letter, TABLE_TEXT, {.text = text}};
    return letter;
}

static enum status write_table(struct cells *cells, const struct table *table, struct error *error)
{
    if (cells->failed)
        return error_memory(error, "a table of models");
    return table_write(table, TABLE_AS_TEXT, 2, stdout, error);
}

static long millions(int64_t count)
{
    return (long)((count + 500000) / 1000000);
}

static const struct table_column model_columns[] = {
    {"Model", TABLE_TEXT},    {"Parameters", TABLE_COUNT}, {"MFLOPs", TABLE_COUNT},
    {"Side", TABLE_COUNT},    {"Published", TABLE_TEXT},   {"Recorded", TABLE_TEXT},
    {"Official", TABLE_TEXT}, {"Reference", TABLE_TEXT},   {"Weights", TABLE_TEXT},
};
enum { MODEL_COLUMNS = sizeof model_columns / sizeof *model_columns };

static enum status write_models(const struct listing *listing, struct cells *cells,
                                struct error *error)
{
    union table_cell *rows =
        arena_alloc(&cells->arena, (size_t)listing->count * MODEL_COLUMNS, sizeof *rows);
    if (!rows)
        return error_memory(error, "a table of models");
    struct recipe_key key = {.count = 0};
    union table_cell *cell = rows;
    for (int i = 0; i < listing->count; i++) {
        const struct model *model = listing->models[i].model;
        const struct net *net = listing->models[i].net;
        *cell++ = (union table_cell){.text = net->name};
        *cell++ = (union table_cell){.count = net_parameters(net)};
        *cell++ = (union table_cell){.count = millions(net_flops(net))};
        *cell++ = (union table_cell){.count = model->official.side};
        *cell++ = (union table_cell){.text = cells_accuracy(cells, model->published)};
        *cell++ = (union table_cell){.text = cells_accuracy(cells, model->recorded)};
        *cell++ = (union table_cell){.text = recipe_letter(cells, &key, &model->official)};
        *cell++ = (union table_cell){.text = recipe_letter(cells, &key, &model->reference)};
        *cell++ = (union table_cell){.text = cells_weights(cells, listing, i)};
    }
    const struct table table = {MODEL_COLUMNS, model_columns, listing->count,
                                rows,          key.count,     key.facts};
    return write_table(cells, &table, error);
}

static const struct table_column layer_columns[] = {
    {"Layer", TABLE_TEXT}, {"Operation", TABLE_TEXT}, {"Window", TABLE_TEXT},
    {"Input", TABLE_TEXT}, {"Output", TABLE_TEXT},    {"Parameters", TABLE_COUNT},
};
enum { LAYER_COLUMNS = sizeof layer_columns / sizeof *layer_columns };

static void fill_layers(const struct net *net, struct cells *cells, union table_cell *cell)
{
    for (int i = 0; i < net->count; i++) {
        const struct node *node = &net->nodes[i];
        *cell++ = (union table_cell){.text = node->name};
        *cell++ = (union table_cell){.text = cells_operation(cells, node)};
        *cell++ = (union table_cell){.text = cells_window(cells, node)};
        *cell++ = (union table_cell){.text = cells_inputs(cells, net, i)};
        *cell++ = (union table_cell){.text = cells_shape(cells, node->shape)};
        *cell++ = (union table_cell){.count = node_parameters(net, node)};
    }
}

static enum status write_layers(const struct listing *listing, int index, struct cells *cells,
                                struct error *error)
{
    const struct model *model = listing->models[index].model;
    const struct net *net = listing->models[index].net;
    union table_cell *rows =
        arena_alloc(&cells->arena, (size_t)net->count * LAYER_COLUMNS, sizeof *rows);
    if (!rows)
        return error_memory(error, "a table of layers");
    fill_layers(net, cells, rows);
    const struct table_fact facts[] = {
        {"parameters", TABLE_COUNT, {.count = net_parameters(net)}},
        {"FLOPs", TABLE_COUNT, {.count = net_flops(net)}},
        {"official recipe", TABLE_TEXT, {.text = cells_recipe(cells, &model->official)}},
        {"reference recipe", TABLE_TEXT, {.text = cells_recipe(cells, &model->reference)}},
        {"published accuracy", TABLE_TEXT, {.text = cells_accuracy(cells, model->published)}},
        {"recorded accuracy", TABLE_TEXT, {.text = cells_accuracy(cells, model->recorded)}},
        {"weights", TABLE_TEXT, {.text = cells_weights(cells, listing, index)}},
    };
    const struct table table = {
        LAYER_COLUMNS, layer_columns, net->count, rows, sizeof facts / sizeof *facts, facts};
    printf("%s%s\n\n", index ? "\n" : "", net->name);
    return write_table(cells, &table, error);
}

enum status models_write_text(const struct listing *listing, struct error *error)
{
    struct cells cells = {0};
    enum status status = OK;
    if (!listing->layers)
        status = write_models(listing, &cells, error);
    for (int i = 0; listing->layers && i < listing->count && status == OK; i++)
        status = write_layers(listing, i, &cells, error);
    arena_free(&cells.arena);
    return status;
}
