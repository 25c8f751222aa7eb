#include "eval/examine.h"

#include "data/printable.h"
#include "image/image.h"

#include <stdlib.h>
#include <string.h>

enum { IMAGES_A_ROUND = 256 }; /* between two looks at `stop` */

/* What one thread reuses from image to image, and the first image that it could not read. */
struct examiner {
    struct bytes file;
    struct image image;
    long failed; /* -1: none */
    struct error error;
};

struct work {
    const struct dataset *set;
    const struct examine_options *options;
    struct examination *examination;
    struct examiner *examiners; /* one a thread */
    long first;                 /* image of the round */
};

/* BAD_INPUT is a fault of the image, anything else a failure of the work. */
static enum status note_fault(struct examination *examination, long image,
                              const struct error *found, struct error *error)
{
    if (found->status == OK)
        return OK;
    if (found->status != BAD_INPUT)
        return error_set(error, found->status, "%s", found->text);
    examination->faults[image] = strdup(found->text);
    return examination->faults[image] ? OK : error_memory(error, "what is wrong with an image");
}

static enum status examine_image(const struct work *work, struct examiner *examiner, long image,
                                 struct error *error)
{
    enum status status = dataset_read(work->set, image, &examiner->file, error);
    if (status != OK)
        return status;
    const struct bytes *file = &examiner->file;
    const char *name = PRINTABLE(work->set->samples[image].name);
    struct picture *picture = &work->examination->pictures[image];
    struct error found = {0};
    status = picture_examine(file->data, file->size, name, picture, &found);
    if (status == OK && work->options->decode)
        image_decode(&examiner->image, file->data, file->size, name, &found);
    return note_fault(work->examination, image, &found, error);
}

static void examine_item(void *context, long item, int thread)
{
    const struct work *work = context;
    struct examiner *examiner = &work->examiners[thread];
    long image = work->first + item;
    if (examiner->failed < 0 && examine_image(work, examiner, image, &examiner->error) != OK)
        examiner->failed = image;
}

/* The failure of the lowest image that any thread failed at. */
static enum status first_failure(const struct work *work, struct error *error)
{
    const struct examiner *first = NULL;
    for (int i = 0; i < pool_threads(work->options->pool); i++) {
        const struct examiner *examiner = &work->examiners[i];
        if (examiner->failed >= 0 && (!first || examiner->failed < first->failed))
            first = examiner;
    }
    return first ? error_set(error, first->error.status, "%s", first->error.text) : OK;
}

static enum status examine_rounds(struct work *work, const struct progress *progress,
                                  struct error *error)
{
    const volatile sig_atomic_t *stop = work->options->stop;
    long total = work->set->count;
    enum status status = OK;
    for (long done = 0; status == OK && done < total;) {
        long count = total - done < IMAGES_A_ROUND ? total - done : IMAGES_A_ROUND;
        work->first = done;
        pool_run(work->options->pool, examine_item, work, count);
        status = first_failure(work, error);
        done += count;
        if (status == OK && stop && *stop)
            status = error_set(error, INTERRUPTED, "%s: interrupted after %ld of %ld images",
                               work->set->path, done, total);
        progress_step(progress, done, total);
    }
    return status;
}

static enum status examine_all(struct work *work, const struct progress *progress,
                               struct error *error)
{
    int threads = pool_threads(work->options->pool);
    work->examiners = calloc((size_t)threads, sizeof *work->examiners);
    if (!work->examiners)
        return error_memory(error, "an examination");
    for (int i = 0; i < threads; i++)
        work->examiners[i].failed = -1;
    enum status status = examine_rounds(work, progress, error);
    for (int i = 0; i < threads; i++) {
        bytes_free(&work->examiners[i].file);
        image_free(&work->examiners[i].image);
    }
    free(work->examiners);
    return status;
}

enum status examine_set(const struct dataset *set, const struct examine_options *options,
                        const struct progress *progress, struct examination *examination,
                        struct error *error)
{
    *examination = (struct examination){.count = set->count};
    examination->pictures = calloc((size_t)set->count, sizeof *examination->pictures);
    examination->faults = calloc((size_t)set->count, sizeof *examination->faults);
    if (!examination->pictures || !examination->faults)
        return error_memory(error, "an examination");
    struct work work = {.set = set, .options = options, .examination = examination};
    return examine_all(&work, progress, error);
}

void examination_free(struct examination *examination)
{
    for (long i = 0; examination->faults && i < examination->count; i++)
        free(examination->faults[i]);
    free(examination->faults);
    free(examination->pictures);
    *examination = (struct examination){0};
}
