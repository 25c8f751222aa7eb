/* bitzoo prep: check and describe a validation set, and extract it into class folders. */
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/option.h"
#include "cli/prep_print.h"
#include "cli/progress.h"
#include "data/extract.h"
#include "data/grouped.h"
#include "data/printable.h"

#include <argp.h>
#include <stdio.h>

enum { FAULTS_NAMED = 10 };
enum { KEY_DECODE = 256, KEY_EXTRACT, KEY_JSON };

static const struct argp_option options[] = {
    {"decode", KEY_DECODE, NULL, 0, "Decode every image, instead of reading headers only", 0},
    {"extract", KEY_EXTRACT, "DIR", 0,
     "Then write the images into class folders in the new folder DIR: all of them, or nothing", 0},
    {"threads", 't', "N", 0, "Threads (default: one a processor)", 0},
    {"json", KEY_JSON, NULL, 0, "Print the description as JSON", 0},
    {"quiet", 'q', NULL, 0, "Print no progress and no warnings", 0},
    {0},
};

struct arguments {
    const char *data, *extract;
    int threads;
    bool decode, json, quiet;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case KEY_DECODE:
        arguments->decode = true;
        return 0;
    case KEY_EXTRACT:
        arguments->extract = value;
        return 0;
    case KEY_JSON:
        arguments->json = true;
        return 0;
    case 'q':
        arguments->quiet = true;
        return 0;
    case 't':
        arguments->threads = (int)option_number(state, "-t", value, 1, OPTION_MOST_THREADS);
        return 0;
    default:
        return option_data(key, value, state, &arguments->data);
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "DATA",
    .doc = "Check and describe a validation set: images and classes, formats and sizes, digests, "
           "and whether it is ImageNet's, whole, and as it was published. DATA is a folder of "
           "class folders, a tar of one, or ILSVRC2012_img_val.tar as it was downloaded.\v"
           "Nothing needs extracting for `bitzoo predict`, which reads the tar as it is. Exit "
           "status 3: an image cannot be decoded, or DATA is no set at all.\n\n"
           "Example:\n  bitzoo prep ILSVRC2012_img_val.tar --extract val",
};

static enum status describe(const struct dataset *set, const struct arguments *arguments,
                            const volatile sig_atomic_t *stop, struct description *description,
                            struct error *error)
{
    struct examination examination = {0};
    struct examine_options how = {.decode = arguments->decode, .stop = stop};
    enum status status = pool_start(arguments->threads, &how.pool, error);
    if (status != OK)
        return status;
    struct progress_line line;
    progress_line_start(&line, "images", arguments->quiet);
    status = examine_set(set, &how, &line.progress, &examination, error);
    progress_line_end(&line);
    if (status == OK)
        status = describe_set(set, &examination, arguments->decode, description, error);
    examination_free(&examination);
    pool_stop(how.pool);
    return status;
}

static enum status extract(const struct dataset *set, const struct arguments *arguments,
                           const volatile sig_atomic_t *stop, struct error *error)
{
    struct progress_line line;
    progress_line_start(&line, "images extracted", arguments->quiet);
    enum status status = extract_set(set, arguments->extract, stop, &line.progress, error);
    progress_line_end(&line);
    return status;
}

static void print_warnings(const struct description *description)
{
    for (int i = 0; i < description->warning_count; i++)
        fprintf(stderr, "bitzoo prep: warning: %s\n", description->warnings[i]);
    for (long i = 0; i < description->fault_count && i < FAULTS_NAMED; i++)
        fprintf(stderr, "bitzoo prep: %s\n", description->faults[i].text);
}

/* The set may only be used when each of its images can be. */
static enum status check_faults(const struct description *description, struct error *error)
{
    if (description->fault_count == 0)
        return OK;
    return error_set(error, BAD_INPUT,
                     "%s: %s of %s images cannot be decoded: get them again or leave them out. The "
                     "first is %s",
                     description->set->path, GROUPED(description->fault_count),
                     GROUPED(description->set->count), description->faults[0].text);
}

static enum status prepare(const struct dataset *set, const struct arguments *arguments,
                           struct error *error)
{
    const volatile sig_atomic_t *stop = interrupt_listen();
    struct description description = {0};
    enum status status = OK;
    if (arguments->extract)
        status = extract_check(set, arguments->extract, error);
    if (status != OK)
        return status;
    status = describe(set, arguments, stop, &description, error);
    enum status usable = status == OK ? check_faults(&description, error) : status;
    const char *extracted = usable == OK ? arguments->extract : NULL;
    if (status == OK && !arguments->quiet)
        print_warnings(&description);
    if (status == OK && extracted)
        status = extract(set, arguments, stop, error);
    if (status == OK && arguments->json)
        status = prep_print_json(&description, extracted, error);
    else if (status == OK)
        prep_print_text(&description, extracted);
    description_free(&description);
    return status == OK ? usable : status;
}

enum status cmd_prep(int argc, char **argv, struct error *error)
{
    struct arguments arguments = {.threads = option_processors(OPTION_MOST_THREADS)};
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    struct dataset *set;
    enum status status = dataset_open(arguments.data, &set, error);
    if (status == OK)
        status = prepare(set, &arguments, error);
    dataset_close(set);
    return status;
}
