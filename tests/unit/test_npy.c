/* .npy: what NumPy writes is read and written byte for byte, and what it would not is refused. */
#include "data_files.h"

#include <errno.h>

#include "data/npy.h"

struct fixture {
    char *folder;
    char path[512];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->folder = temporary_folder();
    snprintf(fixture->path, sizeof fixture->path, "%s/array.npy", fixture->folder);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    remove_folder(fixture->folder);
    free(fixture);
    return 0;
}

/* A version 1 file with this dictionary, padded by `blanks`, and `size` zero bytes of data. */
static size_t compose(uint8_t *file, const char *dictionary, size_t blanks, size_t size)
{
    size_t length = strlen(dictionary) + blanks + 1;
    memcpy(file, "\x93NUMPY\1\0", 8);
    file[8] = (uint8_t)length;
    file[9] = (uint8_t)(length >> 8);
    memcpy(file + 10, dictionary, strlen(dictionary));
    memset(file + 10 + strlen(dictionary), ' ', blanks);
    file[9 + length] = '\n';
    memset(file + 10 + length, 0, size);
    return 10 + length + size;
}

static enum status load(const struct fixture *fixture, const void *file, size_t size,
                        struct npy *npy, struct error *error)
{
    write_file(fixture->path, file, size);
    *error = (struct error){0};
    return npy_load(fixture->path, npy, error);
}

static void refused(void **state, const char *dictionary, size_t size, const char *why)
{
    uint8_t file[20000];
    struct npy npy = {0};
    struct error error;
    size_t length = compose(file, dictionary, 20, size);
    assert_int_equal(load(*state, file, length, &npy, &error), BAD_INPUT);
    if (!strstr(error.text, why))
        fail_msg("'%s' does not say '%s'", error.text, why);
    assert_null(npy.data);
    npy_free(&npy);
}

static void header_is_numpys(void **state)
{
    (void)state;
    /* Sizes and dictionaries as numpy.save of NumPy 2.4 wrote them. */
    static const struct {
        enum npy_type type;
        int rank;
        int64_t shape[NPY_MAX_RANK];
        int size;
        const char *dictionary;
    } cases[] = {
        {NPY_F32,
         2,
         {50000, 5},
         128,
         "{'descr': '<f4', 'fortran_order': False, 'shape': (50000, 5), }"},
        {NPY_I64, 1, {7}, 128, "{'descr': '<i8', 'fortran_order': False, 'shape': (7,), }"},
        {NPY_BOOL, 0, {0}, 128, "{'descr': '|b1', 'fortran_order': False, 'shape': (), }"},
        {NPY_F16,
         3,
         {0, 12, 1000},
         128,
         "{'descr': '<f2', 'fortran_order': False, 'shape': (0, 12, 1000), }"},
        {NPY_U16,
         8,
         {1, 2, 3, 4, 5, 6, 7, 8},
         128,
         "{'descr': '<u2', 'fortran_order': False, 'shape': (1, 2, 3, 4, 5, 6, 7, 8), }"},
        {NPY_F64,
         8,
         {1, 22, 333, 4444, 5555, 6666666, 7777, 888},
         192,
         "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 22, 333, 4444, 5555, 6666666, "
         "7777, 888), }"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char header[256], expected[256];
        int size = npy_header(header, cases[i].type, cases[i].rank, cases[i].shape);
        assert_int_equal(size, cases[i].size);
        memset(expected, ' ', sizeof expected);
        memcpy(expected, "\x93NUMPY\1\0", 8);
        expected[8] = (char)(size - 10);
        expected[9] = 0;
        memcpy(expected + 10, cases[i].dictionary, strlen(cases[i].dictionary));
        expected[size - 1] = '\n';
        assert_memory_equal(header, expected, (size_t)size);
    }
}

static void written_headers_are_read_back(void **state)
{
    struct npy npy = {0};
    struct error error;
    for (int type = NPY_BOOL; type <= NPY_F64; type++) {
        char file[256 + 6 * 8];
        const int64_t shape[] = {2, 3};
        int size = npy_header(file, (enum npy_type)type, 2, shape);
        int bytes = 6 * npy_item_size((enum npy_type)type);
        for (int i = 0; i < bytes; i++)
            file[size + i] = (char)i;
        assert_int_equal(load(*state, file, (size_t)(size + bytes), &npy, &error), OK);
        assert_int_equal(npy.type, type);
        assert_int_equal(npy.rank, 2);
        assert_int_equal(npy.shape[0], 2);
        assert_int_equal(npy.shape[1], 3);
        assert_int_equal(npy.count, 6);
        assert_memory_equal(npy.data, file + size, (size_t)bytes);
    }
    npy_free(&npy);
}

static void spellings_that_numpy_reads(void **state)
{
    static const char *const dictionaries[] = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}",
        "{\"shape\": (3,), \"fortran_order\": False, \"descr\": \"<f4\"}",
        "{ 'shape' :( 3 , ) ,'descr':'<f4','fortran_order':True, }",
        "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 3, 1), }",
    };
    uint8_t file[1000];
    struct npy npy = {0};
    struct error error;
    for (size_t i = 0; i < sizeof dictionaries / sizeof *dictionaries; i++) {
        for (size_t blanks = 0; blanks < 9; blanks++) { /* any alignment of the data */
            size_t size = compose(file, dictionaries[i], blanks, 12);
            assert_int_equal(load(*state, file, size, &npy, &error), OK);
            assert_int_equal(npy.count, 3);
            assert_int_equal((uintptr_t)npy.data % 8, 0);
        }
    }
    npy_free(&npy);
}

static void versions_2_and_3_are_read(void **state)
{
    const char *text = "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }\n";
    struct npy npy = {0};
    struct error error;
    for (int version = 2; version <= 4; version++) {
        uint8_t file[100] = "\x93NUMPY";
        size_t length = strlen(text);
        file[6] = (uint8_t)version;
        file[8] = (uint8_t)length;
        memcpy(file + 12, text, length);
        memcpy(file + 12 + length, "\1\0\2\0", 4);
        enum status wanted = version < 4 ? OK : BAD_INPUT;
        assert_int_equal(load(*state, file, 16 + length, &npy, &error), wanted);
        if (wanted == OK)
            assert_int_equal(((const int16_t *)npy.data)[1], 2);
    }
    npy_free(&npy);
}

static void lies_are_refused(void **state)
{
#define BEGIN "{'descr': '<f4', 'fortran_order': False, 'shape': "
    refused(state, BEGIN "(3,), }", 11, "is cut short");
    refused(state, BEGIN "(3,), }", 13, "bytes after the data");
    refused(state, BEGIN "(), }", 0, "is cut short");
    refused(state, BEGIN "(3), }", 12, "a comma is wanted");
    refused(state, BEGIN "(,), }", 12, "a size of the shape");
    refused(state, BEGIN "(-3,), }", 12, "a size of the shape");
    refused(state, BEGIN "(3,,), }", 12, "a size of the shape");
    refused(state, BEGIN "[3], }", 12, "opening bracket");
    refused(state, BEGIN "(3,", 12, "a size of the shape");
    refused(state, BEGIN "(1,1,1,1,1,1,1,1,3), }", 12, "more than 8 dimensions");
    refused(state, BEGIN "(9223372036854775808,), }", 12, "too large");
    refused(state, BEGIN "(9223372036854775807, 3), }", 12, "larger than");
    refused(state, BEGIN "(0, 9223372036854775807, 9223372036854775807), }", 0, "larger than");
    refused(state, BEGIN "(4294967296, 4294967296), }", 0, "larger than");
    refused(state, BEGIN "(4611686018427387904, 4, 0), }", 0, "larger than");
    refused(state, BEGIN "(1000000,), }", 12, "is cut short");
    refused(state, BEGIN "(3,), 'more': 1}", 12, "a key other than");
    refused(state, BEGIN "(3,), 'shape': (3,)}", 12, "twice");
    refused(state, BEGIN "(3,)} {}", 12, "follows the closing brace");
    refused(state, BEGIN "(3,)", 12, "closing brace is wanted");
    refused(state, "{'descr': '<f4', 'shape': (3,)}", 12, "one is missing");
    refused(state, "{'descr': '<f4', 'fortran_order': 0, 'shape': (3,)}", 12, "True or False");
    refused(state, "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 1, 2)}", 24,
            "Fortran order");
    refused(state, "{'descr': '>f4', 'fortran_order': False, 'shape': (3,)}", 12, "big-endian");
    refused(state, "{'descr': '|O', 'fortran_order': False, 'shape': (3,)}", 12, "Python objects");
    refused(state, "{'descr': '<U4', 'fortran_order': False, 'shape': (3,)}", 48, "not a type");
    refused(state, "{'descr': '<c8', 'fortran_order': False, 'shape': (3,)}", 24, "not a type");
    refused(state, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,)}", 12,
            "structured");
    refused(state, "{'descr': '<f4, 'fortran_order': False, 'shape': (3,)}", 12, "not a type");
    refused(state, "[]", 12, "opening brace");
    refused(state, "{'descr': '\033[2J', 'fortran_order': False, 'shape': (3,)}", 12, "control");
    refused(state, "", 12, "opening brace");
#undef BEGIN
}

static void impostors_are_named(void **state)
{
    static const struct {
        const char *start, *why;
    } cases[] = {{"PK\3\4 and more than that", "zip"},
                 {"<!DOCTYPE html>", "web page"},
                 {"version https://git-lfs.github.com", "git-lfs"},
                 {"\x1f\x8b\x08 whatever follows", "gzip"},
                 {"\x89PNG\r\n\x1a\n and more", "magic bytes"},
                 {"", "magic bytes"}};
    struct npy npy = {0};
    struct error error;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(load(*state, cases[i].start, strlen(cases[i].start), &npy, &error),
                         BAD_INPUT);
        assert_non_null(strstr(error.text, cases[i].why));
    }
    npy_free(&npy);
}

static void header_of_10001_bytes_is_refused(void **state)
{
    static uint8_t file[20000];
    const char *text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}";
    struct npy npy = {0};
    struct error error;
    size_t size = compose(file, text, 10000 - strlen(text) - 1, 12);
    assert_int_equal(load(*state, file, size, &npy, &error), OK);
    size = compose(file, text, 10001 - strlen(text) - 1, 12);
    assert_int_equal(load(*state, file, size, &npy, &error), BAD_INPUT);
    npy_free(&npy);
}

static size_t sample_file(uint8_t file[256])
{
    const int64_t shape[] = {3, 2};
    size_t size = (size_t)npy_header((char *)file, NPY_F32, 2, shape);
    for (int i = 0; i < 24; i++)
        file[size + (size_t)i] = (uint8_t)i;
    return size + 24;
}

static void every_truncation_is_refused(void **state)
{
    uint8_t file[256];
    size_t size = sample_file(file);
    struct npy npy = {0};
    struct error error;
    for (size_t cut = 0; cut < size; cut++) {
        assert_int_equal(load(*state, file, cut, &npy, &error), BAD_INPUT);
        assert_true(error.text[0]);
    }
    assert_int_equal(load(*state, file, size, &npy, &error), OK);
    npy_free(&npy);
}

static void mutants_are_read_or_refused(void **state)
{
    uint8_t whole[256], mutant[256];
    size_t size = sample_file(whole);
    uint64_t seed = 1;
    int accepted = 0;
    struct npy npy = {0};
    struct error error;
    for (int i = 0; i < 1000; i++) {
        memcpy(mutant, whole, size);
        damage(mutant, i % 2 ? 80 : size, &seed); /* half of them in the header's text alone */
        enum status status = load(*state, mutant, size, &npy, &error);
        assert_true(status == OK || (status == BAD_INPUT && error.text[0]));
        if (status != OK)
            continue;
        accepted++;
        assert_int_equal(npy.count * npy_item_size(npy.type), npy.file.size);
    }
    assert_in_range(accepted, 1, 999);
    npy_free(&npy);
}

static void recorded_predictions_are_read(void **state)
{
    (void)state;
    const char *path = "../shared/data/recorded/pytorch_imagenet/"
                       "resnet50_pytorch_imagenet_top5preds.npy";
    if (access(path, R_OK) < 0) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    struct npy npy = {0};
    struct error error = {0};
    assert_int_equal(npy_load(path, &npy, &error), OK);
    assert_int_equal(npy.type, NPY_I64);
    assert_int_equal(npy.rank, 2);
    assert_int_equal(npy.shape[0], 50000);
    assert_int_equal(npy.shape[1], 5);
    const int64_t *classes = npy.data;
    for (int64_t i = 0; i < npy.count; i++)
        assert_in_range(classes[i], 0, 999);
    char header[256], recorded[256];
    int size = npy_header(header, npy.type, npy.rank, npy.shape);
    FILE *file = fopen(path, "rb");
    assert_int_equal(fread(recorded, 1, (size_t)size, file), size);
    fclose(file);
    assert_memory_equal(header, recorded, (size_t)size);
    npy_free(&npy);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(header_is_numpys),
        TEST(written_headers_are_read_back),
        TEST(spellings_that_numpy_reads),
        TEST(versions_2_and_3_are_read),
        TEST(lies_are_refused),
        TEST(impostors_are_named),
        TEST(header_of_10001_bytes_is_refused),
        TEST(every_truncation_is_refused),
        TEST(mutants_are_read_or_refused),
        TEST(recorded_predictions_are_read),
    };
#undef TEST
    return cmocka_run_group_tests_name("npy", tests, NULL, NULL);
}
