#include "weights/h5_name.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_digits(const char *text, size_t length)
{
    return length > 0 && strspn(text, "0123456789") >= length;
}

/* A part of a path that is the layer's name, or that with "_1" and the like after it. */
static bool repeats(const char *part, size_t length, const char *layer, size_t layer_length)
{
    if (length < layer_length || memcmp(part, layer, layer_length) != 0)
        return false;
    const char *rest = part + layer_length;
    return length == layer_length ||
           (*rest == '_' && is_digits(rest + 1, length - layer_length - 1));
}

void h5_name(char *out, size_t size, const char *layer, const char *weight)
{
    size_t layer_length = strlen(layer), length = strlen(weight);
    const char *colon = strrchr(weight, ':');
    if (colon && is_digits(colon + 1, strlen(colon + 1)))
        length = (size_t)(colon - weight);
    const char *rest = weight, *end = weight + length;
    for (const char *part = weight, *slash; (slash = memchr(part, '/', (size_t)(end - part)));
         part = slash + 1)
        if (repeats(part, (size_t)(slash - part), layer, layer_length))
            rest = slash + 1;
    size_t left = (size_t)(end - rest);
    if (rest == weight && left > layer_length + 1 && !memchr(rest, '/', left) &&
        rest[layer_length] == '_' && memcmp(rest, layer, layer_length) == 0)
        rest += layer_length + 1;
    snprintf(out, size, "%s/%.*s", layer, (int)(end - rest), rest);
}
