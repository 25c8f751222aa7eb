#include "eval/receipt.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A file may be called anything; JSON is UTF-8. */
static json_t *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    json_t *name = json_string(slash ? slash + 1 : path);
    return name ? name : json_string("(a name that is not UTF-8)");
}

static json_t *describe_model(const struct model *model)
{
    return json_pack("{s:s, s:s, s:i}", "framework", framework_name(model->framework), "name",
                     model->name, "classes", model->classes);
}

static json_t *describe_weights(const struct weights *weights)
{
    return json_pack("{s:o, s:s, s:I, s:s}", "file", file_name(weights->path), "format",
                     weights->format, "bytes", (json_int_t)weights->size, "sha256",
                     weights->sha256);
}

static json_t *describe_recipe(const struct receipt *receipt)
{
    char text[RECIPE_TEXT];
    recipe_describe(receipt->recipe, text);
    return json_pack("{s:s, s:s}", "name", receipt->recipe_name, "steps", text);
}

static json_t *describe_files(const struct results *results)
{
    json_t *files = json_object();
    int failures = !files;
    for (int kind = 0; kind < RESULT_KINDS; kind++)
        if (results->files[kind].name)
            failures |= json_object_set_new(files, results->files[kind].name,
                                            json_string(results->files[kind].sha256));
    if (!failures)
        return files;
    json_decref(files); /* a receipt names all files, or there is none */
    return NULL;
}

static json_t *describe(const struct receipt *receipt)
{
    static const char *const outputs[] = {"logits", "probabilities", "log-probabilities"};
    char data[DIGEST_HEX], predictions[DIGEST_HEX];
    digest_hex(receipt->data, data);
    digest_hex(receipt->results->predictions, predictions);
    return json_pack("{s:s, s:i, s:s, s:i, s:o, s:o, s:o, s:{s:i, s:s}, s:{s:I, s:I}, s:s, s:s, "
                     "s:o}",
                     "receipt", "bitzoo", "version", 1, "program", BITZOO_VERSION, "numerics",
                     NUMERICS_VERSION, "model", describe_model(receipt->model), "weights",
                     describe_weights(receipt->weights), "recipe", describe_recipe(receipt), "data",
                     "classes", receipt->classes, "sha256", data, "images", "done",
                     (json_int_t)receipt->done, "total", (json_int_t)receipt->total, "output",
                     outputs[receipt->results->output], "predictions_sha256", predictions, "files",
                     describe_files(receipt->results));
}

enum status receipt_save(const struct receipt *receipt, const char *path, struct error *error)
{
    json_t *root = describe(receipt);
    char *text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
    json_decref(root);
    if (!text)
        return error_memory(error, "the receipt");
    size_t length = strlen(text);
    text[length] = '\n'; /* in place of the end */
    enum status status = file_save(path, text, length + 1, error);
    free(text);
    return status;
}
