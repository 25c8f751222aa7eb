#include "cli/command.h"
#include "cli/option.h"
#include "eval/score.h"
#include "report/table.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char KERAS_FOLDER[] = "keras_imagenet", PYTORCH_FOLDER[] = "pytorch_imagenet";

enum { MOST_DIGITS = 15, USEFUL_THREADS = 8 };

struct options {
    struct score_options score;
    const char *csv_path;
    enum table_format format;
    int digits;
    int quiet;
};

/* Options without a letter. */
enum { KEY_FORMAT = 256, KEY_JSON, KEY_DIGITS, KEY_DATASET };

static const struct argp_option option_table[] = {
    {"keras-dir", 'k', "DIR", 0,
     "Folder of Keras results (default: keras_imagenet, if it is there)", 0},
    {"pytorch-dir", 'p', "DIR", 0,
     "Folder of PyTorch results (default: pytorch_imagenet, if it is there)", 0},
    {"indices-to-omit", 'i', "NPY", 0, "Rows to leave out of cAcc: indices, or a boolean a row", 0},
    {"indices_to_omit", 0, NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, 0},
    {"indices-to-keep", 'j', "NPY", 0, "The only rows to take for cAcc", 0},
    {"indices_to_keep", 0, NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, 0},
    {"custom-labels", 'l', "NPY", 0,
     "Labels for cAcc: one a row, or one a row that is kept. Where the set's own labels are not "
     "known, these are they",
     0},
    {"custom_labels", 0, NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, 0},
    {"output", 'o', "CSV", 0, "Also write the table to this file, at full precision", 0},
    {"output-dir", 0, NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, 0},
    {"dataset", KEY_DATASET, "NAME", 0, "imagenet or cifar10 (default: the only one there)", 0},
    {"format", KEY_FORMAT, "NAME", 0, "Print a table, csv, json or md (default: table)", 0},
    {"json", KEY_JSON, NULL, 0, "The same as --format json", 0},
    {"digits", KEY_DIGITS, "N", 0, "Decimals of a printed percentage (default: 2)", 0},
    {"threads", 't', "N", 0, "Threads (default: one a processor, at most 8)", 0},
    {"quiet", 'q', NULL, 0, "No notes on standard error", 0},
    {0}};

static const char guide[] =
    "Score recorded predictions of ImageNet or CIFAR-10, without images: print each model's "
    "accuracy and rank, best first.\v"
    "A folder holds MODEL_keras_imagenet_top5preds.npy and ..._top5probs.npy (or ..._pytorch_...), "
    "as `bitzoo predict` writes them. Row i of 50,000 has label i/50; other sets need -l, or "
    "..._labels.npy beside the predictions.\n\n"
    "Example:\n  bitzoo score -k keras_imagenet -p pytorch_imagenet -o table.csv";

/* Where the argument of an option that takes a path or a name goes; NULL for other options. */
static const char **text_of_option(struct options *options, int key)
{
    switch (key) {
    case 'k':
        return &options->score.folders.keras;
    case 'p':
        return &options->score.folders.pytorch;
    case 'i':
        return &options->score.files.omit;
    case 'j':
        return &options->score.files.keep;
    case 'l':
        return &options->score.files.labels;
    case 'o':
        return &options->csv_path;
    case KEY_DATASET:
        return &options->score.folders.dataset;
    default:
        return NULL;
    }
}

static enum table_format format_named(const char *name, struct argp_state *state)
{
    int format = table_format_named(name);
    if (format < 0)
        argp_error(state, "there is no format '%s'; table, csv, json and md are known", name);
    return (enum table_format)format;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    const char **text = text_of_option(options, key);
    if (text) {
        *text = argument;
        return 0;
    }
    switch (key) {
    case KEY_FORMAT:
        options->format = format_named(argument, state);
        return 0;
    case KEY_JSON:
        options->format = TABLE_AS_JSON;
        return 0;
    case KEY_DIGITS:
        options->digits = (int)option_number(state, "--digits", argument, 0, MOST_DIGITS);
        return 0;
    case 't':
        options->score.threads = (int)option_number(state, "-t", argument, 1, OPTION_MOST_THREADS);
        return 0;
    case 'q':
        options->quiet = 1;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not wanted; folders are given with -k and -p", argument);
        return 0;
    case ARGP_KEY_END:
        if (options->score.files.omit && options->score.files.keep)
            argp_error(state, "give one of -i and -j, not both");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* The reference's own folders, where none is named. */
static enum status default_folders(struct score_folders *folders, struct error *error)
{
    if (folders->keras || folders->pytorch)
        return OK;
    if (is_folder(KERAS_FOLDER))
        folders->keras = KERAS_FOLDER;
    if (is_folder(PYTORCH_FOLDER))
        folders->pytorch = PYTORCH_FOLDER;
    if (folders->keras || folders->pytorch)
        return OK;
    return error_set(error, BAD_USAGE,
                     "no results are named, and there is no folder %s or %s here; give -k DIR, -p "
                     "DIR or both",
                     KERAS_FOLDER, PYTORCH_FOLDER);
}

static enum status write_score(struct score *score, const struct options *options,
                               struct error *error)
{
    struct table table;
    enum status status = score_table(score, &table, error);
    if (status == OK && options->csv_path)
        status = table_save_csv(&table, options->csv_path, error);
    if (status == OK)
        status = table_write(&table, options->format, options->digits, stdout, error);
    if (status != OK || options->quiet)
        return status;
    char images[TABLE_CELL_SIZE];
    if (options->format == TABLE_AS_CSV)
        fprintf(stderr, "%s images\n", table_spell_count((long)score->truth.rows, images));
    if (options->csv_path)
        fprintf(stderr, "%s: written\n", options->csv_path);
    return OK;
}

enum status cmd_score(int argc, char **argv, struct error *error)
{
    struct options options = {.digits = 2, .score.threads = option_processors(USEFUL_THREADS)};
    const struct argp parser = {.options = option_table, .parser = parse_option, .doc = guide};
    if (argp_parse(&parser, argc, argv, 0, NULL, &options))
        return error_memory(error, "the options");
    struct score score = {0};
    enum status status = default_folders(&options.score.folders, error);
    if (status == OK)
        status = score_run(&score, &options.score, error);
    if (status == OK)
        status = write_score(&score, &options, error);
    score_free(&score);
    return status;
}
