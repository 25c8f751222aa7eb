/* bitzoo models: what the zoo holds, or one network layer by layer. */
#include "cli/command.h"
#include "cli/models.h"

#include <argp.h>
#include <stdio.h>

enum { KEY_JSON = 256 };

struct options {
    const char *weights;
    bool json, quiet;
    struct selection selection;
    enum status status;
    struct error *error;
};

static const struct argp_option option_table[] = {
    {"weights", 'w', "DIR", 0, "Tell which models' weight files are in this folder", 0},
    {"json", KEY_JSON, NULL, 0, "Print JSON", 0},
    {"quiet", 'q', NULL, 0, "Print names alone", 0},
    {0},
};

static const char guide[] =
    "List the models with their size, recipes, weight files and accuracies; or print the networks "
    "of those that are named, layer by layer.\v"
    "NAME is squeezenet1_1 (in every framework that has it), pytorch/squeezenet1_1, pytorch, keras "
    "or all; the last three mean the models of the reference benchmark. Accuracies are top-1 / "
    "top-5 in percent: published by the framework with its official recipe, recorded by the "
    "reference benchmark with its own. FLOPs count a multiply-add as two.\n\n"
    "Example:\n"
    "  bitzoo models -w weights\n"
    "  bitzoo models keras/mobilenet";

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'w':
        options->weights = argument;
        return 0;
    case KEY_JSON:
        options->json = true;
        return 0;
    case 'q':
        options->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->status == OK)
            options->status = zoo_select(&options->selection, argument, options->error);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static enum status print(const struct options *options, struct listing *listing,
                         struct error *error)
{
    if (options->json)
        return models_write_json(listing, error);
    if (!options->quiet)
        return models_write_text(listing, error);
    for (int i = 0; i < listing->count; i++)
        printf("%s\n", listing->models[i].net->name);
    return OK;
}

enum status cmd_models(int argc, char **argv, struct error *error)
{
    struct options options = {.error = error};
    const struct argp parser = {option_table, parse_option, "[NAME...]", guide, NULL, NULL, NULL};
    argp_parse(&parser, argc, argv, 0, NULL, &options);
    struct listing listing = {.folder = options.weights, .layers = options.selection.count > 0};
    enum status status = options.status;
    if (status == OK)
        status = models_list(&options.selection, &listing, error);
    if (status == OK)
        status = print(&options, &listing, error);
    models_free(&listing);
    selection_free(&options.selection);
    return status;
}
