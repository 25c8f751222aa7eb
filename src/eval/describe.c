#include "eval/describe.h"

#include "data/set_digest.h"
#include "eval/judge.h"

#include <stdlib.h>

static uint64_t number_of(const struct picture *picture, enum column column)
{
    int width = picture->width, height = picture->height;
    switch (column) {
    case COLUMN_WIDTH:
        return (uint64_t)width;
    case COLUMN_HEIGHT:
        return (uint64_t)height;
    case COLUMN_SHORT_SIDE:
        return (uint64_t)(width < height ? width : height);
    case COLUMN_LONG_SIDE:
        return (uint64_t)(width > height ? width : height);
    default:
        return picture->tables;
    }
}

static enum status spread_columns(const struct examination *from, struct description *to,
                                  struct error *error)
{
    uint64_t *values = calloc((size_t)from->count, sizeof *values);
    if (!values)
        return error_memory(error, "a description");
    for (int column = 0; column < COLUMNS; column++) {
        long count = 0;
        for (long i = 0; i < from->count; i++) {
            values[count] = number_of(&from->pictures[i], (enum column)column);
            count += values[count] > 0;
        }
        to->columns[column] = spread_of(values, count);
    }
    free(values);
    return OK;
}

static void count_formats(const struct examination *from, struct description *to)
{
    for (long i = 0; i < from->count; i++) {
        const struct picture *picture = &from->pictures[i];
        bool sized = picture->width > 0;
        to->bytes += to->set->samples[i].size;
        to->jpeg += picture->format == PICTURE_JPEG;
        to->progressive += picture->progressive;
        to->png += picture->format == PICTURE_PNG;
        to->other += picture->format == PICTURE_OTHER;
        to->gray += sized && picture->colour == COLOUR_GRAY;
        to->cmyk += sized && picture->colour == COLOUR_CMYK;
        to->sized += sized;
    }
}

static enum status count_classes(struct description *to, struct error *error)
{
    long *counts = arena_alloc(&to->arena, (size_t)to->set->classes, sizeof *counts);
    if (!counts)
        return error_memory(error, "a description");
    for (long i = 0; i < to->set->count; i++)
        counts[to->set->samples[i].label]++;
    to->class_images = counts;
    return OK;
}

static enum status digest_images(const struct examination *from, struct description *to,
                                 struct error *error)
{
    struct digest files, pixels;
    enum status status = digest_begin(&files, error);
    if (status != OK)
        return status;
    status = digest_begin(&pixels, error);
    for (long i = 0; status == OK && i < from->count; i++) {
        int label = to->set->samples[i].label;
        set_digest_add(&files, label, from->pictures[i].file_digest);
        set_digest_add(&pixels, label, from->pictures[i].pixel_digest);
    }
    digest_end(&files, to->files);
    digest_end(&pixels, to->pixels);
    return status;
}

static enum status list_faults(const struct examination *from, struct description *to,
                               struct error *error)
{
    for (long i = 0; i < from->count; i++)
        to->fault_count += from->faults[i] != NULL;
    struct fault *faults = arena_alloc(&to->arena, (size_t)to->fault_count, sizeof *faults);
    if (!faults)
        return error_memory(error, "a description");
    to->faults = faults;
    for (long i = 0; i < from->count; i++) {
        if (!from->faults[i])
            continue;
        *faults = (struct fault){i, arena_string(&to->arena, from->faults[i])};
        if (!faults++->text)
            return error_memory(error, "a description");
    }
    return OK;
}

enum status describe_set(const struct dataset *set, const struct examination *examination,
                         bool decoded, struct description *description, struct error *error)
{
    *description = (struct description){.set = set, .decoded = decoded};
    count_formats(examination, description);
    enum status status = spread_columns(examination, description, error);
    if (status == OK)
        status = count_classes(description, error);
    if (status == OK)
        status = digest_images(examination, description, error);
    if (status == OK)
        status = list_faults(examination, description, error);
    return status == OK ? judge(description, error) : status;
}

void description_free(struct description *description)
{
    arena_free(&description->arena);
    *description = (struct description){0};
}
