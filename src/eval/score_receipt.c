#include "eval/score_receipt.h"

#include "base/file.h"

#include <jansson.h>

enum { RECEIPT_LIMIT = 1 << 20 };

static enum status parse(const char *path, const struct bytes *text, json_t **receipt,
                         struct error *error)
{
    json_error_t found;
    *receipt = json_loadb((const char *)text->data, text->size, JSON_REJECT_DUPLICATES, &found);
    if (*receipt)
        return OK;
    if (!found.text[0])
        return error_memory(error, "a receipt");
    return error_set(error, BAD_INPUT, "%s: line %d: not JSON: %s", path, found.line, found.text);
}

enum status score_receipt_read(const char *path, long *done, long *total, struct error *error)
{
    struct bytes text = {0};
    json_t *receipt = NULL;
    enum status status = file_load(path, RECEIPT_LIMIT, &text, error);
    if (status == OK)
        status = parse(path, &text, &receipt, error);
    bytes_free(&text);
    if (status != OK)
        return status;
    const json_t *images = json_object_get(receipt, "images");
    const json_t *did = json_object_get(images, "done"), *all = json_object_get(images, "total");
    *done = (long)json_integer_value(did);
    *total = (long)json_integer_value(all);
    if (!json_is_integer(did) || !json_is_integer(all) || *done < 0 || *total < *done)
        status = error_set(error, BAD_INPUT,
                           "%s: does not tell how many images are done; \"images\": {\"done\": n, "
                           "\"total\": m} with n at most m is wanted",
                           path);
    json_decref(receipt);
    return status;
}
