/* bitzoo predict: recompute models' predictions over a validation set. */
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/json_path.h"
#include "cli/option.h"
#include "cli/progress.h"
#include "data/printable.h"
#include "eval/predict.h"
#include "image/image_cpu.h"

#include <argp.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { MOST_BATCH = 1024 };
enum { KEY_CPU = 256, KEY_RECIPE, KEY_PROBS, KEY_LABELS, KEY_LOGITS, KEY_JSON };

static const struct argp_option options[] = {
    {"model", 'm', "NAME", 0,
     "Model: squeezenet1_1, keras/mobilenet, several with commas, keras, pytorch or all (the "
     "default: all); `bitzoo models` lists them",
     0},
    {"weights", 'w', "PATH", 0,
     "Folder of weight files, or the file of one model (default: weights)", 0},
    {"output", 'o', "DIR", 0, "Folder for the results (default: results)", 0},
    {"batch", 'b', "N", 0, "Images computed at a time (default: 32); changes no bit", 0},
    {"threads", 't', "N", 0, "Threads (default: one a processor); changes no bit", 0},
    {"cpu", KEY_CPU, "SET", 0,
     "Instructions: c, avx2, avx512 or best (the default); changes no bit", 0},
    {"recipe", KEY_RECIPE, "NAME", 0,
     "Preprocessing: official (the default), the framework's own published evaluation, or "
     "reference, what the 2019 scripts did",
     0},
    {"save-all-probs", KEY_PROBS, NULL, 0, "Write the probabilities of all classes too", 0},
    {"save-labels", KEY_LABELS, NULL, 0,
     "Write the labels too (always done for a set that is not the whole validation set)", 0},
    {"save-logits", KEY_LOGITS, NULL, 0, "Write the network's raw outputs too", 0},
    {"json", KEY_JSON, NULL, 0, "Print the summary as JSON", 0},
    {"quiet", 'q', NULL, 0, "Print no progress", 0},
    {0},
};

struct arguments {
    struct predict_options predict;
    const char *models[64];
    bool json, quiet;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    struct predict_options *predict = &arguments->predict;
    switch (key) {
    case 'm':
        if (predict->model_count == (int)(sizeof arguments->models / sizeof *arguments->models))
            argp_error(state, "too many -m; put the names in one, with commas");
        arguments->models[predict->model_count++] = value;
        return 0;
    case 'w':
        predict->weights = value;
        return 0;
    case 'o':
        predict->out = value;
        return 0;
    case 'b':
        predict->batch = (int)option_number(state, "-b", value, 1, MOST_BATCH);
        return 0;
    case 't':
        predict->threads = (int)option_number(state, "-t", value, 1, OPTION_MOST_THREADS);
        return 0;
    case KEY_CPU:
        predict->cpu = value;
        return 0;
    case KEY_RECIPE:
        predict->recipe = value;
        return 0;
    case KEY_PROBS:
        predict->save_all_probs = true;
        return 0;
    case KEY_LABELS:
        predict->save_labels = true;
        return 0;
    case KEY_LOGITS:
        predict->save_logits = true;
        return 0;
    case KEY_JSON:
        arguments->json = true;
        return 0;
    case 'q':
        arguments->quiet = true;
        return 0;
    default:
        return option_data(key, value, state, &predict->data);
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "DATA",
    .doc = "Recompute models' predictions over a validation set: the same bits on any machine, at "
           "any batch size and number of threads. DATA is a folder of class folders, a tar of one, "
           "or ILSVRC2012_img_val.tar as it was downloaded.\v"
           "Example:\n"
           "  bitzoo predict ILSVRC2012_img_val.tar -m squeezenet1_1 -w weights\n",
};

static void print_text(const struct predict_summary *summary)
{
    for (int i = 0; i < summary->count; i++) {
        const struct predict_result *result = &summary->results[i];
        printf("%s/%s  top-1 %.3f %%  top-5 %.3f %%  images %ld  predictions %.16s\n",
               result->framework, result->model, result->top1, result->top5, summary->images,
               result->predictions_sha256);
    }
}

static json_t *result_json(const struct predict_result *result)
{
    return json_pack("{s:s, s:s, s:f, s:f, s:s, s:o}", "framework", result->framework, "model",
                     result->model, "top1", result->top1, "top5", result->top5,
                     "predictions_sha256", result->predictions_sha256, "receipt",
                     json_path(result->receipt));
}

static enum status print_json(const struct predict_summary *summary, struct error *error)
{
    json_t *list = json_array();
    int failures = !list;
    for (int i = 0; i < summary->count && !failures; i++)
        failures |= json_array_append_new(list, result_json(&summary->results[i]));
    json_t *root = json_pack("{s:I, s:o}", "images", (json_int_t)summary->images, "models", list);
    if (root && !failures && json_dumpf(root, stdout, JSON_INDENT(2)) == 0)
        putchar('\n');
    json_decref(root);
    return root && !failures ? OK : error_memory(error, "the summary");
}

/* The image loops and the kernels use the same instructions. */
static enum status use_cpu(const char *cpu, struct error *error)
{
    if (!cpu || !strcmp(cpu, "best"))
        return OK;
    if (!strcmp(cpu, "c"))
        return image_use_cpu(IMAGE_CPU_C, error);
    if (!strcmp(cpu, "avx2"))
        return image_use_cpu(IMAGE_CPU_AVX2, error);
    return OK; /* the kernels' table checks the name */
}

enum status cmd_predict(int argc, char **argv, struct error *error)
{
    struct arguments arguments = {
        .predict = {.weights = "weights",
                    .out = "results",
                    .batch = 32,
                    .threads = option_processors(OPTION_MOST_THREADS)},
    };
    struct predict_options *predict = &arguments.predict;
    predict->models = arguments.models;
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    if (predict->model_count == 0)
        arguments.models[predict->model_count++] = "all";
    predict->stop = interrupt_listen();
    enum status status = use_cpu(predict->cpu, error);
    if (status != OK)
        return status;
    struct progress_line line;
    progress_line_start(&line, "images", arguments.quiet);
    struct predict_summary summary;
    status = predict_run(predict, &line.progress, &summary, error);
    progress_line_end(&line);
    if (status == OK && !arguments.quiet)
        fprintf(stderr, "images %ld, models %d: %.1f s; results and receipts in %s\n",
                summary.images, summary.count, progress_line_seconds(&line),
                PRINTABLE(predict->out));
    if (status == OK && arguments.json)
        status = print_json(&summary, error);
    else if (status == OK)
        print_text(&summary);
    predict_summary_free(&summary);
    return status;
}
