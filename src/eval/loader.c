#include "eval/loader.h"

#include "data/printable.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A slot holds one batch while it is filled and computed. Batch b uses slot b % slots. */
struct slot {
    long batch;  /* that may be filled now */
    int ready;   /* images done */
    long failed; /* the first image that failed; -1: none */
    struct error error;
    float **inputs; /* one a recipe */
    uint8_t (*digests)[DIGEST_SIZE];
};

struct loader {
    struct loader_options options;
    long images, batches;
    struct slot *slots;
    int slot_count;
    long next_image; /* that no thread has taken */
    long next_batch; /* that the consumer will get */
    bool stopping;
    pthread_mutex_t mutex;
    pthread_cond_t filled, freed;
    pthread_t *threads;
    int started;
};

/* What one thread reuses from image to image. */
struct reader {
    struct bytes file;
    struct image image;
    struct recipe_scratch scratch;
};

static long input_floats(const struct recipe *recipe)
{
    return (long)recipe->side * recipe->side * 3;
}

static int batch_count(const struct loader *loader, long batch)
{
    long left = loader->images - batch * loader->options.batch;
    return left < loader->options.batch ? (int)left : loader->options.batch;
}

/* Take the next image once its slot is free; -1 when there is none left. */
static long take_image(struct loader *loader)
{
    pthread_mutex_lock(&loader->mutex);
    long image = -1;
    if (!loader->stopping && loader->next_image < loader->images)
        image = loader->next_image++;
    if (image >= 0) {
        long batch = image / loader->options.batch;
        struct slot *slot = &loader->slots[batch % loader->slot_count];
        while (slot->batch != batch && !loader->stopping)
            pthread_cond_wait(&loader->freed, &loader->mutex);
        if (loader->stopping)
            image = -1;
    }
    pthread_mutex_unlock(&loader->mutex);
    return image;
}

/* From the file that was read to all inputs. What fails names the image; its set is put before. */
static enum status make_inputs(const struct loader *loader, struct reader *reader,
                               const struct slot *slot, long image, struct error *error)
{
    const struct loader_options *options = &loader->options;
    const char *name = PRINTABLE(options->dataset->samples[image].name);
    int place = (int)(image % options->batch);
    struct error found = {0};
    enum status status =
        image_decode(&reader->image, reader->file.data, reader->file.size, name, &found);
    for (int r = 0; r < options->recipe_count && status == OK; r++) {
        float *out = slot->inputs[r] + place * input_floats(&options->recipes[r]);
        status = recipe_apply(&options->recipes[r], &reader->image, &reader->scratch, out, &found);
    }
    return status == OK ? OK
                        : error_set(error, status, "%s: %s", options->dataset->path, found.text);
}

static enum status load_image(const struct loader *loader, struct reader *reader,
                              const struct slot *slot, long image, struct error *error)
{
    const struct loader_options *options = &loader->options;
    int place = (int)(image % options->batch);
    enum status status = dataset_read(options->dataset, image, &reader->file, error);
    if (status == OK)
        status = digest_of(reader->file.data, reader->file.size, slot->digests[place], error);
    return status == OK ? make_inputs(loader, reader, slot, image, error) : status;
}

static void hand_in(struct loader *loader, struct slot *slot, long image, const struct error *error)
{
    pthread_mutex_lock(&loader->mutex);
    if (error->status != OK && (slot->failed < 0 || image < slot->failed)) {
        slot->failed = image;
        slot->error = *error;
    }
    if (++slot->ready == batch_count(loader, slot->batch))
        pthread_cond_signal(&loader->filled);
    pthread_mutex_unlock(&loader->mutex);
}

static void *load_until_done(void *argument)
{
    struct loader *loader = argument;
    struct reader reader = {0};
    for (long image; (image = take_image(loader)) >= 0;) {
        long batch = image / loader->options.batch;
        struct slot *slot = &loader->slots[batch % loader->slot_count];
        struct error error = {0};
        load_image(loader, &reader, slot, image, &error);
        hand_in(loader, slot, image, &error);
    }
    bytes_free(&reader.file);
    image_free(&reader.image);
    recipe_scratch_free(&reader.scratch);
    return NULL;
}

enum status loader_next(struct loader *loader, struct loaded *batch, struct error *error)
{
    *batch = (struct loaded){0};
    if (loader->next_batch >= loader->batches)
        return OK;
    struct slot *slot = &loader->slots[loader->next_batch % loader->slot_count];
    int count = batch_count(loader, loader->next_batch);
    pthread_mutex_lock(&loader->mutex);
    while (slot->ready < count)
        pthread_cond_wait(&loader->filled, &loader->mutex);
    pthread_mutex_unlock(&loader->mutex);
    if (slot->failed >= 0)
        return error_set(error, slot->error.status, "%s", slot->error.text);
    *batch = (struct loaded){
        .first = loader->next_batch * loader->options.batch,
        .count = count,
        .inputs = slot->inputs,
        .digests = (const uint8_t(*)[DIGEST_SIZE])slot->digests,
    };
    loader->next_batch++;
    return OK;
}

void loader_release(struct loader *loader)
{
    struct slot *slot = &loader->slots[(loader->next_batch - 1) % loader->slot_count];
    pthread_mutex_lock(&loader->mutex);
    slot->batch += loader->slot_count;
    slot->ready = 0;
    pthread_cond_broadcast(&loader->freed);
    pthread_mutex_unlock(&loader->mutex);
}

static void slots_free(struct loader *loader)
{
    for (int s = 0; loader->slots && s < loader->slot_count; s++) {
        struct slot *slot = &loader->slots[s];
        for (int r = 0; slot->inputs && r < loader->options.recipe_count; r++)
            free(slot->inputs[r]);
        free(slot->inputs);
        free(slot->digests);
    }
    free(loader->slots);
}

/* Two batches, one computed and one filled, or enough for every thread to have an image ahead. */
static enum status slots_make(struct loader *loader, struct error *error)
{
    const struct loader_options *options = &loader->options;
    loader->slot_count = 1 + (options->threads + options->batch - 1) / options->batch;
    loader->slots = calloc((size_t)loader->slot_count, sizeof *loader->slots);
    bool all = loader->slots;
    for (int s = 0; all && s < loader->slot_count; s++) {
        struct slot *slot = &loader->slots[s];
        slot->batch = s;
        slot->failed = -1;
        slot->digests = calloc((size_t)options->batch, sizeof *slot->digests);
        slot->inputs = calloc((size_t)options->recipe_count, sizeof *slot->inputs);
        all = slot->digests && slot->inputs;
        for (int r = 0; all && r < options->recipe_count; r++) {
            size_t floats = (size_t)options->batch * (size_t)input_floats(&options->recipes[r]);
            slot->inputs[r] = malloc(floats * sizeof(float));
            all = slot->inputs[r];
        }
    }
    return all ? OK : error_memory(error, "the images of a batch; a smaller -b needs less");
}

void loader_stop(struct loader *loader)
{
    if (!loader)
        return;
    pthread_mutex_lock(&loader->mutex);
    loader->stopping = true;
    pthread_cond_broadcast(&loader->freed);
    pthread_mutex_unlock(&loader->mutex);
    for (int t = 0; t < loader->started; t++)
        pthread_join(loader->threads[t], NULL);
    slots_free(loader);
    pthread_cond_destroy(&loader->filled);
    pthread_cond_destroy(&loader->freed);
    pthread_mutex_destroy(&loader->mutex);
    free(loader->threads);
    free(loader);
}

static enum status threads_start(struct loader *loader, struct error *error)
{
    for (int t = 0; t < loader->options.threads; t++) {
        int code = pthread_create(&loader->threads[t], NULL, load_until_done, loader);
        if (code != 0)
            return error_set(error, NO_MEMORY,
                             "cannot start loader thread %d of %d: %s; ask for fewer with -t",
                             t + 1, loader->options.threads, strerror(code));
        loader->started++;
    }
    return OK;
}

enum status loader_start(const struct loader_options *options, struct loader **out,
                         struct error *error)
{
    *out = NULL;
    struct loader *loader = calloc(1, sizeof *loader);
    pthread_t *threads = calloc((size_t)options->threads, sizeof *threads);
    if (!loader || !threads) {
        free(loader);
        free(threads);
        return error_memory(error, "the loader");
    }
    loader->options = *options;
    loader->threads = threads;
    loader->images = options->dataset->count;
    loader->batches = (loader->images + options->batch - 1) / options->batch;
    pthread_mutex_init(&loader->mutex, NULL);
    pthread_cond_init(&loader->filled, NULL);
    pthread_cond_init(&loader->freed, NULL);
    enum status status = slots_make(loader, error);
    if (status == OK)
        status = threads_start(loader, error);
    if (status == OK)
        *out = loader;
    else
        loader_stop(loader);
    return status;
}
