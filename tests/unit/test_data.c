/* Validation sets: the order and labels of each form, and what is left out or refused. */
#include "data_files.h"

#include <pthread.h>
#include <sys/stat.h>

#include "data/dataset.h"
#include "data/path.h"
#include "data/printable.h"
#include "data/synsets.h"
#include "data/val.h"

static int set_up(void **state)
{
    *state = temporary_folder();
    return 0;
}

static int tear_down(void **state)
{
    remove_folder(*state);
    return 0;
}

static struct dataset *opened(const char *path)
{
    struct dataset *set;
    struct error error = {0};
    if (dataset_open(path, &set, &error) != OK)
        fail_msg("%s", error.text);
    return set;
}

static void refused(const char *path, const char *why)
{
    struct dataset *set;
    struct error error = {0};
    assert_int_equal(dataset_open(path, &set, &error), BAD_INPUT);
    assert_null(set);
    if (!strstr(error.text, why))
        fail_msg("'%s' does not say '%s'", error.text, why);
}

/* Each image of these sets holds its own name inside the set. */
static void check_samples(const struct dataset *set, const char *const *names, const int *labels,
                          long count)
{
    struct bytes bytes = {0};
    assert_int_equal(set->count, count);
    for (long i = 0; i < count; i++) {
        assert_string_equal(set->samples[i].name, names[i]);
        assert_int_equal(set->samples[i].label, labels[i]);
        assert_int_equal(dataset_read(set, i, &bytes, NULL), OK);
        assert_int_equal(bytes.size, strlen(names[i]));
        assert_int_equal(set->samples[i].size, bytes.size);
        assert_memory_equal(bytes.data, names[i], bytes.size);
    }
    bytes_free(&bytes);
}

/* Write every name as a file that holds it, and as a member of a tar below `leading`. */
static void write_both(const char *root, const char *leading, const char *const *names, long count)
{
    struct tar_file tar = {0};
    for (long i = 0; i < count; i++) {
        write_text(PATH("%s/folder/%s", root, names[i]), names[i]);
        tar_add_text(&tar, PATH("%s%s", leading, names[count - 1 - i]), names[count - 1 - i]);
    }
    tar_save(&tar, PATH("%s/set.tar", root));
}

static void tables_are_imagenets(void **state)
{
    (void)state;
    assert_string_equal(synset_ids[0], "n01440764");
    assert_string_equal(synset_names[0], "tench");
    assert_string_equal(synset_ids[999], "n15075141");
    assert_int_equal(synset_find("n01440764x"), -1);
    assert_int_equal(synset_find(""), -1);
    int images[SYNSETS] = {0};
    for (int i = 1; i <= VAL_IMAGES; i++)
        images[val_label(i)]++;
    for (int i = 0; i < SYNSETS; i++) {
        assert_int_equal(synset_find(synset_ids[i]), i);
        assert_int_equal(images[i], VAL_IMAGES_PER_CLASS);
    }
    FILE *truth = fopen("../shared/data/labels/val_synsets.txt", "r");
    if (!truth) {
        print_message("skipped: no ../shared/data/labels/val_synsets.txt\n");
        skip();
    }
    char synset[16];
    for (int i = 1; i <= VAL_IMAGES; i++) {
        assert_int_equal(fscanf(truth, "%15s", synset), 1);
        assert_string_equal(synset, synset_ids[val_label(i)]);
    }
    fclose(truth);
}

static void names_are_told_apart(void **state)
{
    (void)state;
    assert_true(path_is_image("a.JPEG") && path_is_image("a.b.jpg") && path_is_image("a.WebP"));
    assert_true(path_is_image("a.TIFF") && path_is_image(".png") && path_is_image("a.ppm"));
    assert_false(path_is_image("a.gif") || path_is_image("jpg") || path_is_image("a.jpg.txt"));
    assert_int_equal(val_number("ILSVRC2012_val_00000001.JPEG"), 1);
    assert_int_equal(val_number("ILSVRC2012_val_00050000.jpg"), 50000);
    assert_int_equal(val_number("ILSVRC2012_val_00050001.JPEG"), 0);
    assert_int_equal(val_number("ILSVRC2012_val_00000000.JPEG"), 0);
    assert_int_equal(val_number("ILSVRC2012_val_0000001.JPEG"), 0);
    assert_int_equal(val_number("ILSVRC2012_val_000000001.JPEG"), 0);
    assert_int_equal(val_number("ILSVRC2012_val_0000001x.JPEG"), 0);
}

static void names_are_made_printable(void **state)
{
    (void)state;
    assert_string_equal(PRINTABLE("n01/K\xc3\xb6ln \xe2\x82\xac.JPEG"),
                        "n01/K\xc3\xb6ln \xe2\x82\xac.JPEG");
    assert_string_equal(PRINTABLE("\033[2Ja\nb\x7f"), "\\x1b[2Ja\\x0ab\\x7f");
    assert_string_equal(PRINTABLE("\xc2\x9b|\xff|\xc3|\xc0\xaf"),
                        "\\xc2\\x9b|\\xff|\\xc3|\\xc0\\xaf");
    assert_string_equal(PRINTABLE("\xed\xa0\x80\xf4\x90\x80\x80"),
                        "\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80");
    for (size_t length = 0; length < 600; length++) {
        char name[601], shown[PRINTABLE_SIZE];
        for (int byte = 'x'; byte < 256; byte += 60) { /* x, and what needs four characters */
            memset(name, byte, length);
            name[length] = '\0';
            printable(name, shown);
            assert_in_range(strlen(shown), length < 40 ? length : 40, PRINTABLE_SIZE - 1);
        }
    }
}

static void classes_go_by_position(void **state)
{
    const char *root = *state;
    /* Bytewise, and by folder first: '/' is not compared with ' '. */
    static const char *const names[] = {"B/1.jpg", "a/1.jpg", "a/10.jpg", "a/2.PNG", "a b/0.jpeg"};
    static const int labels[] = {0, 1, 1, 1, 2};
    write_both(root, "./", names, 5);
    for (int tar = 0; tar < 2; tar++) {
        struct dataset *set = opened(PATH(tar ? "%s/set.tar" : "%s/folder", root));
        check_samples(set, names, labels, 5);
        assert_string_equal(set->kind, tar ? "tar" : "folder");
        assert_int_equal(set->classes, 3);
        assert_false(set->imagenet);
        assert_string_equal(set->class_names[2], "a b");
        dataset_close(set);
    }
}

static void synsets_keep_their_numbers(void **state)
{
    const char *root = *state;
    static const char *const names[] = {"n01443537/x.JPEG", "n01443537/y.JPEG", "n15075141/x.JPEG"};
    static const int labels[] = {1, 1, 999};
    write_both(root, "data/val/", names, 3);
    assert_int_equal(mkdir(PATH("%s/folder/n01440764", root), 0777), 0);
    for (int tar = 0; tar < 2; tar++) {
        struct dataset *set = opened(PATH(tar ? "%s/set.tar" : "%s/folder", root));
        check_samples(set, names, labels, 3);
        assert_int_equal(set->classes, 1000);
        assert_true(set->imagenet);
        assert_string_equal(set->class_names[0], "n01440764");
        assert_int_equal(set->empty.count, tar ? 0 : 1);
        dataset_close(set);
    }
}

static void flat_files_go_by_number(void **state)
{
    const char *root = *state;
    /* In class order: labels 65, 286, 970. */
    static const char *const names[] = {"n01751748/ILSVRC2012_val_00000001.JPEG",
                                        "n02125311/ILSVRC2012_val_00000012.JPEG",
                                        "n09193705/ILSVRC2012_val_00000002.JPEG"};
    struct tar_file tar = {0}, below = {0};
    int labels[3];
    for (int i = 2; i >= 0; i--) {
        const char *file = strchr(names[i], '/') + 1;
        labels[i] = val_label(val_number(file));
        write_text(PATH("%s/folder/%s", root, file), names[i]);
        tar_add_text(&tar, file, names[i]);
        tar_add_text(&below, PATH("./val/%s", file), names[i]);
    }
    tar_save(&tar, PATH("%s/set.tar", root));
    tar_save(&below, PATH("%s/below.tar", root));
    static const char *const paths[] = {"folder", "set.tar", "below.tar"};
    for (int i = 0; i < 3; i++) {
        struct dataset *set = opened(PATH("%s/%s", root, paths[i]));
        assert_string_equal(set->kind, i ? "flat tar" : "flat folder");
        assert_true(set->imagenet);
        check_samples(set, names, labels, 3);
        dataset_close(set);
    }
}

static void whole_flat_tar_has_row_order(void **state)
{
    struct tar_file tar = {0};
    for (int i = 1; i <= VAL_IMAGES; i++)
        tar_add_text(&tar, PATH("ILSVRC2012_val_%08d.JPEG", i), "");
    const char *path = PATH("%s/ILSVRC2012_img_val.tar", (char *)*state);
    tar_save(&tar, path);
    struct dataset *set = opened(path);
    assert_int_equal(set->count, VAL_IMAGES);
    for (long i = 0; i < VAL_IMAGES; i++) {
        const struct sample *sample = &set->samples[i];
        assert_int_equal(sample->label, i / VAL_IMAGES_PER_CLASS);
        assert_memory_equal(sample->name, synset_ids[sample->label], strlen("n01440764"));
        if (i % VAL_IMAGES_PER_CLASS)
            assert_true(strcmp(sample[-1].name, sample->name) < 0);
    }
    dataset_close(set);
}

static void what_is_left_out_is_counted(void **state)
{
    const char *root = *state;
    static const char *const names[] = {
        "n01440764/a.jpg", "n01440764/.thumbs/a.jpg", "n01440764/notes.txt",
        "loose.jpg",       "n01443537/readme",        "n01443537/.thumbs/a.jpg",
        "LICENSE"};
    write_both(root, "", names, 7);
    static const int label = 0;
    for (int tar = 0; tar < 2; tar++) {
        struct dataset *set = opened(PATH(tar ? "%s/set.tar" : "%s/folder", root));
        check_samples(set, names, &label, 1);
        assert_int_equal(set->other.count, 3);
        /* Deeper than the class folders: a folder is not searched, a tar's index has all. */
        assert_int_equal(set->misplaced.count, tar ? 3 : 1);
        assert_int_equal(set->empty.count, 1);
        assert_string_equal(set->empty.names[0], "n01443537");
        dataset_close(set);
    }
}

static void sets_without_images_are_refused(void **state)
{
    const char *root = *state;
    refused(PATH("%s/nowhere", root), "No such file");
    refused(root, "no images of a set");
    write_text(PATH("%s/a/b/x.jpg", root), "x");
    refused(root, "give the folder that holds the class folders");
    write_text(PATH("%s/a/x.jpg", root), "x");
    write_text(PATH("%s/c/notes", root), "x");
    refused(root, "c holds no images");
    write_text(PATH("%s/c/ILSVRC2012_val_00050001.JPEG", root), "x");
    dataset_close(opened(root));
    refused("/dev/null", "regular file");
    struct tar_file tar = {0};
    tar_add_text(&tar, "just.txt", "x");
    tar_save(&tar, PATH("%s/set.tar", root));
    refused(PATH("%s/set.tar", root), "no images of a set");
}

static void numbers_twice_are_refused(void **state)
{
    const char *root = *state;
    write_text(PATH("%s/ILSVRC2012_val_00000001.JPEG", root), "x");
    write_text(PATH("%s/ILSVRC2012_val_00000001.jpg", root), "x");
    refused(root, "is there twice");
}

static void links_are_followed(void **state)
{
    const char *root = *state;
    static const char *const names[] = {"cat/1.jpg", "dog/1.jpg"};
    static const int labels[] = {0, 1};
    write_text(PATH("%s/store/one", root), names[0]);
    write_text(PATH("%s/store/dogs/1.jpg", root), names[1]);
    assert_int_equal(folder_make(PATH("%s/set/cat", root), NULL), OK);
    assert_int_equal(symlink("../../store/one", PATH("%s/set/cat/1.jpg", root)), 0);
    assert_int_equal(symlink("../store/dogs", PATH("%s/set/dog", root)), 0);
    const char *path = PATH("%s/set", root);
    struct dataset *set = opened(path);
    check_samples(set, names, labels, 2);
    dataset_close(set);

    assert_int_equal(symlink("loop.jpg", PATH("%s/set/cat/loop.jpg", root)), 0);
    refused(path, "cat/loop.jpg is a link that leads back to itself");
    assert_int_equal(unlink(PATH("%s/set/cat/loop.jpg", root)), 0);
    assert_int_equal(symlink("nowhere", PATH("%s/set/cat/gone.jpg", root)), 0);
    refused(path, "cat/gone.jpg is a link to nothing");
    assert_int_equal(unlink(PATH("%s/set/cat/gone.jpg", root)), 0);
    assert_int_equal(mkfifo(PATH("%s/set/cat/pipe.jpg", root), 0600), 0);
    refused(path, "cat/pipe.jpg is a device, pipe or socket");
}

static void hostile_names_survive(void **state)
{
    const char *root = *state;
    static const char *const names[] = {"\033[31m/\xff\xfe.jpg", "a\nb/\t.jpg"};
    static const int labels[] = {0, 1};
    write_both(root, "", names, 2);
    for (int tar = 0; tar < 2; tar++) {
        struct dataset *set = opened(PATH(tar ? "%s/set.tar" : "%s/folder", root));
        check_samples(set, names, labels, 2);
        dataset_close(set);
    }
    assert_int_equal(symlink("nowhere", PATH("%s/folder/\033]0;x", root)), 0);
    refused(PATH("%s/folder", root), " \\x1b]0;x is a link to nothing");
}

static void changes_are_noticed(void **state)
{
    const char *root = *state;
    static const char *const names[] = {"a/1.jpg", "b/1.jpg"};
    struct bytes bytes = {0};
    for (int tar = 0; tar < 2; tar++) {
        write_both(root, "", names, 2);
        const char *path = PATH(tar ? "%s/set.tar" : "%s/folder", root);
        struct dataset *set = opened(path);
        assert_int_equal(truncate(tar ? path : PATH("%s/folder/b/1.jpg", root), 3), 0);
        struct error error = {0};
        assert_int_equal(dataset_read(set, 1, &bytes, &error), BAD_INPUT);
        assert_non_null(strstr(error.text, "start again"));
        assert_int_equal(bytes.size, 0);
        dataset_close(set);
    }
    bytes_free(&bytes);
}

static void huge_images_are_refused(void **state)
{
    const char *root = *state;
    write_text(PATH("%s/a/1.jpg", root), "x");
    assert_int_equal(truncate(PATH("%s/a/1.jpg", root), (256 << 20) + 1), 0);
    struct dataset *set = opened(root);
    struct bytes bytes = {0};
    struct error error = {0};
    assert_int_equal(dataset_read(set, 0, &bytes, &error), BAD_INPUT);
    assert_non_null(strstr(error.text, "268435457 bytes"));
    assert_null(bytes.data);
    dataset_close(set);
}

enum { MANY = 200, READERS = 4 };
struct reader {
    const struct dataset *set;
    long wrong;
};

static void *read_all(void *context)
{
    struct reader *reader = context;
    struct bytes bytes = {0};
    for (int round = 0; round < 5; round++) {
        for (long i = 0; i < reader->set->count; i++) {
            const char *name = reader->set->samples[i].name;
            reader->wrong += dataset_read(reader->set, i, &bytes, NULL) != OK ||
                             bytes.size != strlen(name) || memcmp(bytes.data, name, bytes.size);
        }
    }
    bytes_free(&bytes);
    return NULL;
}

static void threads_read_at_once(void **state)
{
    const char *root = *state;
    static char texts[MANY][32];
    const char *names[MANY];
    for (int i = 0; i < MANY; i++) {
        snprintf(texts[i], sizeof texts[i], "class%d/%d.jpg", i / 20, i);
        names[i] = texts[i];
    }
    write_both(root, "", names, MANY);
    for (int tar = 0; tar < 2; tar++) {
        struct dataset *set = opened(PATH(tar ? "%s/set.tar" : "%s/folder", root));
        pthread_t threads[READERS];
        struct reader readers[READERS];
        for (int i = 0; i < READERS; i++) {
            readers[i] = (struct reader){.set = set};
            assert_int_equal(pthread_create(&threads[i], NULL, read_all, &readers[i]), 0);
        }
        for (int i = 0; i < READERS; i++) {
            assert_int_equal(pthread_join(threads[i], NULL), 0);
            assert_int_equal(readers[i].wrong, 0);
        }
        dataset_close(set);
    }
}

static void sample_images_have_true_labels(void **state)
{
    (void)state;
    if (access("../shared/data/sample-images", R_OK) < 0) {
        print_message("skipped: no ../shared/data/sample-images\n");
        skip();
    }
    struct dataset *set = opened("../shared/data/sample-images");
    assert_int_equal(set->count, 400);
    assert_int_equal(set->classes, 1000);
    for (long i = 0; i < set->count; i++)
        assert_memory_equal(set->samples[i].name, synset_ids[set->samples[i].label], 9);
    dataset_close(set);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(tables_are_imagenets),
        TEST(names_are_told_apart),
        TEST(names_are_made_printable),
        TEST(classes_go_by_position),
        TEST(synsets_keep_their_numbers),
        TEST(flat_files_go_by_number),
        TEST(whole_flat_tar_has_row_order),
        TEST(what_is_left_out_is_counted),
        TEST(sets_without_images_are_refused),
        TEST(numbers_twice_are_refused),
        TEST(links_are_followed),
        TEST(hostile_names_survive),
        TEST(changes_are_noticed),
        TEST(huge_images_are_refused),
        TEST(threads_read_at_once),
        TEST(sample_images_have_true_labels),
    };
#undef TEST
    return cmocka_run_group_tests_name("data", tests, NULL, NULL);
}
