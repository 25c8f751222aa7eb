/* The tar index: every dialect that is read, and every lie that is refused. */
#include "data_files.h"

#include "base/arena.h"
#include "data/dataset.h"

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

static const char *save(void **state, struct tar_file *tar)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/set.tar", (char *)*state);
    tar_save(tar, path);
    return path;
}

static void refused(const char *path, const char *why)
{
    struct dataset *set;
    struct error error = {0};
    assert_int_equal(dataset_open(path, &set, &error), BAD_INPUT);
    if (!strstr(error.text, why))
        fail_msg("'%s' does not say '%s'", error.text, why);
}

/* A set of one image a/x.jpg after whatever `tar` begins with. */
static void refused_tar(void **state, struct tar_file *tar, const char *why)
{
    tar_add_text(tar, "a/x.jpg", "image");
    refused(save(state, tar), why);
}

static void accepted(const char *path, const char *name, const char *content)
{
    struct dataset *set;
    struct error error = {0};
    struct bytes bytes = {0};
    if (dataset_open(path, &set, &error) != OK)
        fail_msg("%s", error.text);
    assert_string_equal(set->samples[0].name, name);
    assert_int_equal(dataset_read(set, 0, &bytes, &error), OK);
    assert_int_equal(bytes.size, strlen(content));
    assert_memory_equal(bytes.data, content, bytes.size);
    bytes_free(&bytes);
    dataset_close(set);
}

static void dialects_are_read(void **state)
{
    struct tar_file tar = {0};
    tar_add(&tar, '5', "./", NULL, 0);
    tar_add(&tar, '5', "./val/", NULL, 0);
    tar_add(&tar, '5', "./val/a/", NULL, 0);
    size_t at = tar_add(&tar, '7', ".//val/./a/x.jpg", "image", 5);
    accepted(save(state, &tar), "a/x.jpg", "image");

    at = tar_add(&tar, '\0', "a/x.jpg", "image", 5); /* 7th edition: no magic, blanks in numbers */
    memset(tar.data + at + 257, 0, 8);
    memcpy(tar.data + at + 124, "          5 ", 12);
    tar_sign(tar.data + at);
    accepted(save(state, &tar), "a/x.jpg", "image");

    at = tar_add(&tar, '0', "x.jpg", "image", 5);
    memcpy(tar.data + at + 257, "ustar  ", 8); /* GNU: what is in the prefix is not a prefix */
    memcpy(tar.data + at + 345, "13715", 5);
    memcpy(tar.data + at, "a/x.jpg", 7);
    tar_sign(tar.data + at);
    accepted(save(state, &tar), "a/x.jpg", "image");

    at = tar_add(&tar, '0', "x.jpg", "image", 5);
    memcpy(tar.data + at + 345, "a", 1); /* POSIX: prefix */
    tar_sign(tar.data + at);
    accepted(save(state, &tar), "a/x.jpg", "image");

    at = tar_add(&tar, '0', "a/x.jpg", "image", 5);
    memcpy(tar.data + at + 124, "\x80\0\0\0\0\0\0\0\0\0\0\5", 12); /* base-256 */
    tar_sign(tar.data + at);
    accepted(save(state, &tar), "a/x.jpg", "image");
}

static void long_names_are_read(void **state)
{
    char name[3000], stored[3000];
    memset(name, 'n', sizeof name);
    memcpy(name, "a/", 2);
    strcpy(name + 2000, ".jpg");
    struct tar_file tar = {0};
    tar_add(&tar, 'L', "././@LongLink", name, strlen(name) + 1);
    tar_add_text(&tar, "a/short.jpg", "image");
    accepted(save(state, &tar), name, "image");

    int length = snprintf(stored, sizeof stored, "2014 path=%s\n", name);
    assert_int_equal(length, 2015);
    memcpy(stored, "2015", 4);
    tar_add(&tar, 'g', "pax_global_header", "52 comment=0123456789012345678901234567890123456789\n",
            52);
    tar_add(&tar, 'x', "PaxHeaders/x", stored, 2015);
    tar_add_text(&tar, "a/short.jpg", "image");
    accepted(save(state, &tar), name, "image");

    const char *size = "9 size=5\n19 mtime=1234567.5\n";
    tar_add(&tar, 'x', "PaxHeaders/x", size, strlen(size));
    size_t at = tar_add(&tar, '0', "a/x.jpg", "image", 5);
    memcpy(tar.data + at + 124, "00000000000\0", 12);
    tar_sign(tar.data + at);
    accepted(save(state, &tar), "a/x.jpg", "image");
}

static void types_other_than_files_are_refused(void **state)
{
    static const struct {
        char type;
        const char *why;
    } cases[] = {{'1', "hard link"},      {'2', "symbolic link"},  {'3', "device or pipe"},
                 {'4', "device or pipe"}, {'6', "device or pipe"}, {'S', "sparse"},
                 {'V', "neither"},        {'M', "neither"},        {'9', "neither"}};
    struct tar_file tar = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tar_add(&tar, cases[i].type, "a/odd.jpg", NULL, 0);
        refused_tar(state, &tar, cases[i].why);
    }
    tar_add(&tar, 'K', "././@LongLink", "somewhere", 10);
    tar_add(&tar, '2', "a/odd.jpg", NULL, 0);
    refused_tar(state, &tar, "symbolic link");
    tar_add(&tar, '5', "folder/", "data", 4);
    refused_tar(state, &tar, "a folder with data");
    tar_add(&tar, 'x', "PaxHeaders/x", "22 GNU.sparse.major=1\n", 22);
    refused_tar(state, &tar, "sparse");
}

static void names_that_escape_are_refused(void **state)
{
    struct tar_file tar = {0};
    static const char *const names[] = {"../x.jpg", "a/../../x.jpg", "a/..", "./../a/x.jpg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        tar_add_text(&tar, names[i], "image");
        refused_tar(state, &tar, "leads out of the archive");
    }
    tar_add_text(&tar, "/a/x.jpg", "image");
    refused_tar(state, &tar, "absolute path");
    tar_add(&tar, 'x', "PaxHeaders/x", "14 path=../../a\n", 16);
    refused_tar(state, &tar, "do not fit");
    tar_add(&tar, 'x', "PaxHeaders/x", "16 path=../../a\n", 16);
    refused_tar(state, &tar, "leads out of the archive");
    tar_add(&tar, 'L', "././@LongLink", "/etc/x.jpg", 11);
    refused_tar(state, &tar, "absolute path");
    tar_add_text(&tar, "./", "x");
    refused_tar(state, &tar, "folder with data");
    tar_add(&tar, '0', "", "x", 1);
    refused_tar(state, &tar, "without a name");
    tar_add_text(&tar, "a//./x.jpg", "the same after cleaning");
    refused_tar(state, &tar, "there twice");
}

static void lies_in_sizes_are_refused(void **state)
{
    static const struct {
        const char *field, *why;
    } cases[] = {
        {"77777777777\0", "ends"},
        {"00000003001\0", "ends"},
        {"-0000000005\0", "not a number"},
        {"0000000000a\0", "not a number"},
        {"000000 0005\0", "not a number"},
        {"\0\0\0\0\0\0\0\0\0\0\0\0", "not a number"},
        {"            ", "not a number"},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfb", "not a number"},
        {"\x80\0\0\0\x80\0\0\0\0\0\0\5", "not a number"},
        {"\x81\0\0\0\0\0\0\0\0\0\0\5", "not a number"},
        {"\x80\1\0\0\0\0\0\0\0\0\0\5", "not a number"},
        {"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", "ends"},
    };
    struct tar_file tar = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t at = tar_add(&tar, '0', "a/y.jpg", "image", 5);
        memcpy(tar.data + at + 124, cases[i].field, 12);
        tar_sign(tar.data + at);
        refused_tar(state, &tar, cases[i].why);
    }
    tar_add(&tar, 'x', "PaxHeaders/x", "28 size=9223372036854775807\n", 28);
    refused_tar(state, &tar, "ends");
    tar_add(&tar, 'x', "PaxHeaders/x", "28 size=9223372036854775808\n", 28);
    refused_tar(state, &tar, "not a number");
    tar_add(&tar, 'x', "PaxHeaders/x", "10 size=-5\n", 11);
    refused_tar(state, &tar, "do not fit");
    tar_add(&tar, 'x', "PaxHeaders/x", "11 size=-5\n", 11);
    refused_tar(state, &tar, "not a number");
}

static void broken_extensions_are_refused(void **state)
{
    static const struct {
        char type;
        const char *data;
        size_t size;
        const char *why;
    } cases[] = {{'x', "99 path=a\n", 10, "do not fit"},
                 {'x', "0 path=a\n", 9, "do not fit"},
                 {'x', "3 \n", 3, "do not fit"},
                 {'x', "18446744073709551616 path=a\n", 28, "do not fit"},
                 {'x', "-9 path=a\n", 10, "do not fit"},
                 {'x', "9 path=ab", 9, "do not fit"},
                 {'x', "8 pathab\n", 9, "do not fit"},
                 {'x', "8 path=\n", 8, "empty"},
                 {'x', "11 path=a\0\n", 11, "zero byte"},
                 {'x', "9 path=a\n9 path=b\n", 18, "second name"},
                 {'g', "9 path=a\n", 9, "global"},
                 {'g', "9 size=1\n", 9, "global"},
                 {'L', "name without end", 16, "zero byte"},
                 {'L', "two\0ends\0", 9, "zero byte"},
                 {'L', "", 0, "empty"},
                 {'L', "\0", 1, "empty"}};
    struct tar_file tar = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tar_add(&tar, cases[i].type, "extension", cases[i].data, cases[i].size);
        refused_tar(state, &tar, cases[i].why);
    }
    uint8_t *large = calloc(1, (1 << 20) + 1);
    memset(large, 'a', 5000);
    tar_add(&tar, 'L', "extension", large, 5001);
    refused_tar(state, &tar, "longer than 4,096");
    tar_add(&tar, 'x', "extension", large, (1 << 20) + 1);
    refused_tar(state, &tar, "more than 1 MiB");
    free(large);
    tar_add_text(&tar, "a/x.jpg", "image");
    tar_add(&tar, 'L', "extension", "name", 5);
    refused(save(state, &tar), "its member is wanted");
}

static void damaged_headers_are_refused(void **state)
{
    struct tar_file tar = {0};
    size_t at = tar_add(&tar, '0', "a/y.jpg", "image", 5);
    tar.data[at + 10] ^= 1;
    refused_tar(state, &tar, "byte 0: a tar header is wanted and its checksum is wrong");
    tar_add_text(&tar, "a/z.jpg", "image");
    at = tar_add(&tar, '0', "a/y.jpg", "image", 5);
    memcpy(tar.data + at + 257, "star\000000", 8);
    tar_sign(tar.data + at);
    refused_tar(state, &tar, "byte 1024: this tar header is of no known kind");
}

static void ends_are_checked(void **state)
{
    const char *path = PATH("%s/set.tar", (char *)*state);
    struct tar_file tar = {0};
    uint8_t zeros[3 * BLOCK] = {0};
    tar_add_text(&tar, "a/x.jpg", "image");
    tar_append(&tar, zeros, sizeof zeros);
    tar_append(&tar, "more", 4);
    write_file(path, tar.data, tar.size);
    refused(path, "bytes follow the archive's end");
    for (size_t size = 0; size < tar.size - BLOCK; size += size % BLOCK ? 1 : BLOCK / 2 - 1) {
        write_file(path, tar.data, size);
        if (size < 4 * BLOCK)
            refused(path, "truncated");
        else
            accepted(path, "a/x.jpg", "image");
    }
    memcpy(tar.data + 3 * BLOCK, "lone", 4);
    write_file(path, tar.data, tar.size);
    refused(path, "lone zero block");
    free(tar.data);
}

static void padding_is_bounded(void **state)
{
    struct tar_file tar = {0};
    tar_add_text(&tar, "a/x.jpg", "image");
    const char *path = save(state, &tar);
    assert_int_equal(truncate(path, 4 * BLOCK + (1 << 20)), 0);
    accepted(path, "a/x.jpg", "image");
    assert_int_equal(truncate(path, (off_t)1 << 40), 0);
    refused(path, "more than 1 MiB follows");
}

static void impostors_are_named(void **state)
{
    static const struct {
        const char *start, *why;
    } cases[] = {{"\x1f\x8b\x08", "gzip"},
                 {"\xfd"
                  "7zXZ",
                  "xz"},
                 {"BZh9", "bzip2"},
                 {"\x28\xb5\x2f\xfd", "zstd"},
                 {"PK\3\4", "zip"},
                 {"<!DOCTYPE html>", "web page"},
                 {"version https://git-lfs.github.com/spec/v1", "git-lfs"},
                 {"\xff\xd8\xff", "truncated"},
                 {"", "truncated"}};
    const char *path = PATH("%s/set.tar", (char *)*state);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_text(path, cases[i].start);
        refused(path, cases[i].why);
    }
}

/* One of each kind of header, to be cut and damaged. */
static struct tar_file varied_tar(void)
{
    struct tar_file tar = {0};
    uint8_t end[2 * BLOCK] = {0};
    tar_add(&tar, '5', "val/", NULL, 0);
    tar_add(&tar, '5', "val/a/", NULL, 0);
    tar_add_text(&tar, "val/a/x.jpg", "image");
    tar_add(&tar, 'L', "././@LongLink", "val/a/longer.jpg", 17);
    tar_add_text(&tar, "val/a/l.jpg", "another image");
    tar_add(&tar, 'x', "PaxHeaders/x", "20 path=val/b/y.jpg\n", 20);
    tar_add_text(&tar, "val/y.jpg", "a third one");
    tar_add(&tar, 'x', "PaxHeaders/x", "9 size=5\n19 mtime=1234567.5\n", 28);
    tar_add_text(&tar, "val/b/z.jpg", "image");
    tar_append(&tar, end, sizeof end);
    return tar;
}

static enum status open_and_read(const char *path)
{
    struct dataset *set;
    struct error error = {0};
    enum status status = dataset_open(path, &set, &error);
    assert_true(status == OK || (status == BAD_INPUT && error.text[0]));
    struct bytes bytes = {0};
    for (long i = 0; status == OK && i < set->count; i++) {
        assert_int_equal(dataset_read(set, i, &bytes, &error), OK);
        assert_int_equal(bytes.size, set->samples[i].size);
    }
    bytes_free(&bytes);
    dataset_close(set);
    return status;
}

static void every_truncation_is_refused(void **state)
{
    const char *path = PATH("%s/set.tar", (char *)*state);
    struct tar_file tar = varied_tar();
    for (size_t size = tar.size; size-- > 0;) {
        if (size == tar.size - 1)
            write_file(path, tar.data, size);
        assert_int_equal(truncate(path, (off_t)size), 0);
        assert_int_equal(open_and_read(path), BAD_INPUT);
    }
    write_file(path, tar.data, tar.size);
    assert_int_equal(open_and_read(path), OK);
    free(tar.data);
}

/* Half of the mutants get right checksums again, so that the damage reaches what is behind. */
static void mutants_are_read_or_refused(void **state)
{
    const char *path = PATH("%s/set.tar", (char *)*state);
    struct tar_file tar = varied_tar();
    uint8_t *mutant = malloc(tar.size);
    uint64_t seed = 2;
    int accepted_mutants = 0;
    for (int i = 0; i < 1000; i++) {
        memcpy(mutant, tar.data, tar.size);
        for (int times = 0; times < 4; times++)
            damage(mutant + next_random(&seed) % (tar.size / BLOCK) * BLOCK, BLOCK / 2, &seed);
        for (size_t at = 0; i % 2 && at < tar.size - 2 * BLOCK; at += BLOCK)
            if (!memcmp(mutant + at + 257, "ustar", 5))
                tar_sign(mutant + at);
        write_file(path, mutant, tar.size);
        accepted_mutants += open_and_read(path) == OK;
    }
    assert_in_range(accepted_mutants, 10, 990);
    free(mutant);
    free(tar.data);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(dialects_are_read),
        TEST(long_names_are_read),
        TEST(types_other_than_files_are_refused),
        TEST(names_that_escape_are_refused),
        TEST(lies_in_sizes_are_refused),
        TEST(broken_extensions_are_refused),
        TEST(damaged_headers_are_refused),
        TEST(ends_are_checked),
        TEST(padding_is_bounded),
        TEST(impostors_are_named),
        TEST(every_truncation_is_refused),
        TEST(mutants_are_read_or_refused),
    };
#undef TEST
    return cmocka_run_group_tests_name("data tar", tests, NULL, NULL);
}
