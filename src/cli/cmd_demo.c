/* bitzoo demo: every step of the program on a small set that it draws itself. */
#include "cli/command.h"
#include "cli/demo_digests.h"
#include "cli/demo_files.h"
#include "cli/option.h"

#include "base/arena.h"
#include "base/file.h"
#include "data/demo_set.h"

#include <argp.h>
#include <errno.h> /* program_invocation_name */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_WRITE_SET = 256, KEY_SPLIT, KEY_IMAGES };
enum { TEST_IMAGES = 2000, MOST_ARGUMENTS = 16 };

struct options {
    const char *output;
    const char *threads; /* as it was given; NULL: predict's own default */
    bool quiet;
    const char *write_set;
    enum demo_split split;
    long images;
    bool set_options; /* one was given that goes with write_set only */
};

static const struct argp_option table[] = {
    {"output", 'o', "DIR", 0, "Folder for the pictures and results (demo-out)", 0},
    {"threads", 't', "N", 0, "Threads of the predictions", 0},
    {"quiet", 'q', NULL, 0, "Print the results alone", 0},
    {NULL, 0, NULL, 0, "To train on the same kind of pictures:", 0},
    {"write-set", KEY_WRITE_SET, "DIR", 0, "Only write a set of pictures to the new folder DIR", 0},
    {"split", KEY_SPLIT, "SPLIT", 0, "Which pictures: test, the demo's own, or train", 0},
    {"images", KEY_IMAGES, "N", 0, "How many (2000); a multiple of 10", 0},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'o':
        options->output = text;
        return 0;
    case 't':
        option_number(state, "-t", text, 1, OPTION_MOST_THREADS);
        options->threads = text;
        return 0;
    case 'q':
        options->quiet = true;
        return 0;
    case KEY_WRITE_SET:
        options->write_set = text;
        return 0;
    case KEY_SPLIT:
        if (strcmp(text, "test") && strcmp(text, "train"))
            argp_error(state, "--split is test or train, not '%s'", text);
        options->split = strcmp(text, "train") ? DEMO_TEST : DEMO_TRAIN;
        options->set_options = true;
        return 0;
    case KEY_IMAGES:
        options->images = option_number(state, "--images", text, 1, DEMO_MOST_IMAGES);
        options->set_options = true;
        return 0;
    case ARGP_KEY_END:
        if (options->set_options && !options->write_set)
            argp_error(state, "--split and --images go with --write-set");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = table,
    .parser = parse,
    .doc =
        "Show all of bitzoo on a small data set: draw 2,000 pictures of ten classes, predict them "
        "with the same small network as PyTorch and as Keras trained it, score the predictions, "
        "and compute them again at other batch sizes, thread counts and instruction sets, to the "
        "same bits. Nothing is downloaded."
        "\vExample:\n\n"
        "  bitzoo demo -o demo-out\n\n"
        "Pictures to train a network of one's own on:\n\n"
        "  bitzoo demo --write-set pictures --split train --images 10000\n",
};

/* What is said beside the results, which go to standard output and are put out first. */
__attribute__((format(printf, 2, 3))) static void tell(const struct options *options,
                                                       const char *format, ...)
{
    if (options->quiet)
        return;
    fflush(stdout);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
}

/* Run a command of the program in the program, told first as one would type it. The list ends
 * with NULL. */
static enum status run_command(const struct options *options, const char *const *words,
                               struct error *error)
{
    char called[32];
    char *arguments[MOST_ARGUMENTS] = {called};
    int count = 1;
    snprintf(called, sizeof called, "bitzoo %s", words[0]);
    tell(options, "\n$ %s %s", program_invocation_name, words[0]);
    for (; words[count]; count++) {
        tell(options, " %s", words[count]);
        arguments[count] = (char *)words[count];
    }
    tell(options, "\n");
    if (options->quiet)
        arguments[count++] = "--quiet";
    for (const struct command *c = commands; c->name; c++)
        if (!strcmp(c->name, words[0]))
            return c->run(count, arguments, error);
    return error_set(error, BAD_USAGE, "this program has no command '%s'", words[0]);
}

/* The trained weights and what their frameworks scored with them, out of the program. */
static enum status write_files(const char *folder, struct error *error)
{
    enum status status = folder_make(folder, error);
    struct arena arena = {0};
    for (const struct demo_file *file = demo_files; file->name && status == OK; file++) {
        const char *path = arena_printf(&arena, "%s/%s", folder, file->name);
        status = path ? file_save(path, file->bytes, file->size, error)
                      : error_memory(error, "a file's name");
    }
    arena_free(&arena);
    return status;
}

/* What the framework itself measured on the same pictures, from the record beside its weights. */
static void print_measured(const char *framework, const char *name)
{
    for (const struct demo_file *file = demo_files; file->name; file++) {
        if (strcmp(file->name, name))
            continue;
        json_t *record = json_loadb((const char *)file->bytes, file->size, 0, NULL);
        printf("%-8s  %5.2f  %5.2f\n", framework,
               json_number_value(json_object_get(record, "top1")),
               json_number_value(json_object_get(record, "top5")));
        json_decref(record);
    }
}

/* prep, predict and score, as one would type them. */
static enum status run_commands(const struct options *options, const struct demo_folders *folders,
                                struct error *error)
{
    const char *prep[] = {"prep", folders->set, NULL};
    const char *score[] = {"score", "-k", folders->results, "-p", folders->results, NULL};
    const char *predict[MOST_ARGUMENTS] = {"predict", folders->set,     "-m", "article",
                                           "-w",      folders->weights, "-o", folders->results};
    int count = 8;
    if (options->threads) {
        predict[count++] = "-t";
        predict[count++] = options->threads;
    }
    enum status status = run_command(options, prep, error);
    if (status == OK)
        status = run_command(options, predict, error);
    if (status == OK)
        status = run_command(options, score, error);
    return status;
}

static void tell_real_thing(const struct options *options)
{
    const char *program = program_invocation_name;
    tell(options,
         "\nThat was all of it. For the real thing, get the validation set and the weight files\n"
         "that `%s models` names, and type:\n\n"
         "  %s prep ILSVRC2012_img_val.tar\n"
         "  %s predict ILSVRC2012_img_val.tar -m squeezenet1_1,mobilenet -w weights -o results\n"
         "  %s score -k results -p results\n",
         program, program, program, program);
}

static void show_measured(const struct options *options)
{
    tell(options, "\nThe frameworks themselves, with the weights that they trained:\n");
    printf("%-8s  %5s  %5s\n", "by", "Acc@1", "Acc@5");
    print_measured("PyTorch", "pytorch.json");
    print_measured("Keras", "keras.json");
}

static enum status show(const struct options *options, const struct demo_folders *folders,
                        struct error *error)
{
    tell(options, "Drawing 2,000 pictures of ten classes in %s\n", folders->set);
    enum status status = demo_set_write(folders->set, DEMO_TEST, TEST_IMAGES, error);
    tell(options, "Putting the trained weights in %s\n", folders->weights);
    if (status == OK)
        status = write_files(folders->weights, error);
    if (status == OK)
        status = run_commands(options, folders, error);
    if (status != OK)
        return status;
    show_measured(options);
    tell(options, "\nThe same predictions again, and their digests:\n");
    status = demo_digests(folders, error);
    if (status != OK)
        return status;
    tell(options, "One digest a column: batch size, threads and instruction set change no bit.\n");
    tell_real_thing(options);
    return OK;
}

enum status cmd_demo(int argc, char **argv, struct error *error)
{
    struct options options = {.output = "demo-out", .images = TEST_IMAGES};
    argp_parse(&parser, argc, argv, 0, NULL, &options);
    if (options.write_set)
        return demo_set_write(options.write_set, options.split, options.images, error);
    struct arena arena = {0};
    struct demo_folders folders = {
        .set = arena_printf(&arena, "%s/set", options.output),
        .weights = arena_printf(&arena, "%s/weights", options.output),
        .results = arena_printf(&arena, "%s/results", options.output),
        .variants = arena_printf(&arena, "%s/variants", options.output),
    };
    enum status status = folder_make(options.output, error);
    if (!folders.set || !folders.weights || !folders.results || !folders.variants)
        status = error_memory(error, "a folder's name");
    if (status == OK)
        status = show(&options, &folders, error);
    arena_free(&arena);
    return status;
}
