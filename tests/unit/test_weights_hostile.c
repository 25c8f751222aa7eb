/* weights: files cut short, changed at random, or broken on purpose end in a clear error or in a
 * result; nothing crashes, hangs, or is left behind. */
#include "weights_support.h"

#include <dirent.h>
#include <errno.h>
#include <sys/wait.h>
#include <time.h>

enum { CUTS = 50, MAX_SECONDS = 10 };

/* 1,000 mutants of each format. */
static const struct {
    const char *path;
    int mutants;
} files[] = {{GOLDEN "tiny_zip.pth", 1000},
             {GOLDEN "tiny_stream.pth", 1000},
             {GOLDEN "tiny_tar.pth", 1000},
             {GOLDEN "keras2.h5", 500},
             {GOLDEN "keras3.h5", 500}};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    int count = 0;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static void assert_nothing_left(int descriptors)
{
    assert_int_equal(count_descriptors(), descriptors);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* What comes of opening and reading everything must be success or a refusal that says why. */
static bool opens(const char *what, enum status status, struct weights **opened,
                  const struct error *error)
{
    struct weights *weights = *opened;
    if (status != OK) {
        if (status != BAD_INPUT || strlen(error->text) < 20)
            fail_msg("%s: status %d, \"%s\"", what, status, error->text);
        return false;
    }
    for (int i = 0; i < weights->count; i++) {
        const struct weight *weight = &weights->list[i];
        assert_true(weight->count <= (int64_t)weights->size * 5 + (16 << 20));
        float *out = malloc((size_t)weight->count * sizeof *out + 1);
        struct error problem = {0};
        enum status read = weights_read(weights, weight, out, &problem);
        if (read != OK && (read != BAD_INPUT || !strstr(problem.text, weight->name)))
            fail_msg("%s: status %d, \"%s\"", what, read, problem.text);
        free(out);
    }
    weights_close(weights);
    return true;
}

static void cut_files_are_refused(void **state)
{
    (void)state;
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        struct bytes bytes = load(files[f].path);
        for (size_t cut = 0; cut < CUTS; cut++) {
            struct weights *weights;
            struct error error = {0};
            enum status status = open_bytes(bytes.data, bytes.size * cut / CUTS, &weights, &error);
            if (opens(files[f].path, status, &weights, &error))
                fail_msg("%s: opens though only %zu of %zu bytes are there", files[f].path,
                         bytes.size * cut / CUTS, bytes.size);
        }
        bytes_free(&bytes);
    }
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* One to eight bytes changed: a bit, a byte, or one that says much where it is a length. */
static void mutate(struct bytes *bytes, uint64_t *seed)
{
    static const uint8_t telling[] = {0, 1, 0x7f, 0x80, 0xff};
    for (uint64_t changes = 1 + next_random(seed) % 8; changes > 0; changes--) {
        uint8_t *at = &bytes->data[next_random(seed) % bytes->size];
        uint64_t choice = next_random(seed);
        if (choice % 3 == 0)
            *at ^= (uint8_t)(1 << choice / 3 % 8);
        else if (choice % 3 == 1)
            *at = (uint8_t)(choice >> 8);
        else
            *at = telling[choice / 3 % sizeof telling];
    }
}

static void mutants_are_survived(void **state)
{
    (void)state;
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        struct bytes bytes = load(files[f].path);
        struct weights *weights;
        struct error none = {0};
        assert_true(opens(files[f].path, open_bytes(bytes.data, bytes.size, &weights, &none),
                          &weights, &none));
        int descriptors = count_descriptors(), opened = 0;
        uint64_t seed = 0x9e3779b97f4a7c15;
        for (int i = 0; i < files[f].mutants; i++) {
            struct bytes mutant = bytes_copy(&bytes);
            struct error error = {0};
            mutate(&mutant, &seed);
            double start = now();
            enum status status = open_bytes(mutant.data, mutant.size, &weights, &error);
            opened += opens(files[f].path, status, &weights, &error);
            assert_true(now() - start < MAX_SECONDS);
            bytes_free(&mutant);
        }
        assert_nothing_left(descriptors);
        print_message("%s: %d of %d mutants open, the others are refused\n", files[f].path, opened,
                      files[f].mutants);
        bytes_free(&bytes);
    }
}

/* Without its filters a compressed chunk is shorter than what is read of it: the library would fill
 * up with what its memory held, other numbers each time. */
static void chunks_must_fill_their_place(void **state)
{
    (void)state;
    static const uint8_t filters[] = {0x0b, 0, 0x50, 0, 1, 0, 0, 0, 1, 3};
    struct bytes bytes = load(GOLDEN "keras2.h5");
    uint8_t *message = memmem(bytes.data, bytes.size, filters, sizeof filters);
    assert_non_null(message);
    message[1] = 1; /* no message that the library knows */
    assert_refused(bytes.data, bytes.size, "dataset packed/kernel:0 has elements");
    bytes_free(&bytes);
}

static void broken_hdf5_files_are_survived(void **state)
{
    (void)state;
    char folder_path[SHARED_PATH];
    if (!there(shared_path(folder_path, "malformed-h5")))
        skip();
    DIR *folder = opendir(folder_path);
    assert_non_null(folder);
    int descriptors = count_descriptors(), files_seen = 0, opened = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        char path[2 * SHARED_PATH];
        snprintf(path, sizeof path, "%s/%s", folder_path, entry->d_name);
        struct weights *weights;
        struct error error = {0};
        double start = now();
        opened += opens(path, weights_open(path, &weights, &error), &weights, &error);
        assert_true(now() - start < MAX_SECONDS);
        files_seen++;
    }
    assert_int_equal(files_seen, 137);
    assert_nothing_left(descriptors);
    closedir(folder);
    print_message("%d of %d broken HDF5 files open, the others are refused\n", opened, files_seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(mutants_are_survived),
        cmocka_unit_test(chunks_must_fill_their_place),
        cmocka_unit_test(broken_hdf5_files_are_survived),
    };
    return cmocka_run_group_tests_name("weights_hostile", tests, NULL, NULL);
}
