/* base: errors that keep their first cause, arenas, files that are whole or not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"

static void first_error_stays(void **state)
{
    (void)state;
    struct error error = {0};
    assert_int_equal(error_set(&error, BAD_INPUT, "%s: byte %d", "a.npy", 7), BAD_INPUT);
    assert_int_equal(error_set(&error, IO_FAILED, "later"), IO_FAILED);
    assert_int_equal(error.status, BAD_INPUT);
    assert_string_equal(error.text, "a.npy: byte 7");
}

static void arena_zeroes_and_refuses_overflow(void **state)
{
    (void)state;
    struct arena arena = {0};
    for (size_t size = 1; size < 100000; size = size * 3 + 1) {
        unsigned char *bytes = arena_alloc(&arena, size, 1);
        assert_non_null(bytes);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(bytes[i], 0);
        memset(bytes, 0xff, size);
    }
    assert_null(arena_alloc(&arena, SIZE_MAX / 2, 3));
    assert_null(arena_alloc(&arena, SIZE_MAX - 8, 1));
    assert_string_equal(arena_printf(&arena, "layer%d.%s", 4, "conv"), "layer4.conv");
    arena_free(&arena);
    assert_null(arena.blocks);
}

static void file_is_replaced_whole_or_left(void **state)
{
    (void)state;
    char folder[] = "/tmp/bitzoo-base-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char deep[128], path[160];
    snprintf(deep, sizeof deep, "%s/a/b", folder);
    snprintf(path, sizeof path, "%s/result", deep);
    struct error error = {0};
    assert_int_equal(folder_make(deep, &error), OK);
    assert_int_equal(folder_make(deep, &error), OK);
    assert_int_equal(file_save(path, "old", 3, &error), OK);

    struct new_file file;
    assert_int_equal(new_file_create(&file, path, &error), OK);
    assert_int_equal(new_file_write(&file, "new", 3, &error), OK);
    new_file_discard(&file);
    struct bytes bytes = {0};
    assert_int_equal(file_load(path, 100, &bytes, &error), OK);
    assert_int_equal(bytes.size, 3);
    assert_memory_equal(bytes.data, "old", 3);

    assert_int_equal(file_save(path, "newer", 5, &error), OK);
    assert_int_equal(file_load(path, 100, &bytes, &error), OK);
    assert_int_equal(bytes.size, 5);
    assert_int_equal(file_load(path, 4, &bytes, &error), BAD_INPUT);
    bytes_free(&bytes);
    unlink(path);
    assert_int_equal(rmdir(deep), 0); /* nothing temporary is left */
}

static void only_regular_files_are_read(void **state)
{
    (void)state;
    uint64_t size;
    struct error error = {0};
    assert_int_equal(file_open("/tmp", &size, &error), -1);
    assert_int_equal(error.status, BAD_INPUT);
    error = (struct error){0};
    assert_int_equal(file_open("/dev/zero", &size, &error), -1);
    assert_int_equal(error.status, BAD_INPUT);
    error = (struct error){0};
    assert_int_equal(file_open("/nowhere/at/all", &size, &error), -1);
    assert_int_equal(error.status, BAD_INPUT);
}

static void a_long_text_loses_its_middle(void **state)
{
    (void)state;
    struct error error = {0};
    char path[3 * sizeof error.text];
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    error_set(&error, BAD_INPUT, "%s: byte %d: why", path, 7);
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
    assert_memory_equal(error.text, path, 500);
    assert_non_null(strstr(error.text, "aaa...aaa"));
    const char *end = error.text + sizeof error.text - sizeof "aaa: byte 7: why";
    assert_string_equal(end, "aaa: byte 7: why");
}

static void only_regular_files_are_replaced(void **state)
{
    (void)state;
    char folder[] = "/tmp/bitzoo-base-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char pipe_path[64], path[64], link_path[64];
    snprintf(pipe_path, sizeof pipe_path, "%s/pipe", folder);
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(link_path, sizeof link_path, "%s/link", folder);
    struct error error = {0};
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_int_equal(file_save(pipe_path, "x", 1, &error), BAD_INPUT);
    struct stat about;
    assert_int_equal(lstat(pipe_path, &about), 0);
    assert_true(S_ISFIFO(about.st_mode));
    assert_int_equal(file_save(folder, "x", 1, NULL), BAD_INPUT);

    assert_int_equal(file_save(path, "old", 3, NULL), OK);
    assert_int_equal(symlink("file", link_path), 0);
    assert_int_equal(file_save(link_path, "longer", 6, NULL), OK);
    assert_int_equal(lstat(link_path, &about), 0);
    assert_true(S_ISLNK(about.st_mode));
    assert_int_equal(lstat(path, &about), 0);
    assert_int_equal(about.st_size, 6);

    assert_int_equal(file_remove(path, NULL), OK);
    assert_int_equal(file_remove(path, NULL), OK);
    assert_int_equal(file_save(link_path, "x", 1, NULL), BAD_INPUT); /* it leads nowhere now */
    unlink(link_path);
    unlink(pipe_path);
    assert_int_equal(rmdir(folder), 0);
}

static void a_folder_needs_a_name_and_room(void **state)
{
    (void)state;
    char path[] = "/tmp/bitzoo-base-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    assert_int_equal(folder_make("", NULL), BAD_USAGE);
    struct error error = {0};
    assert_int_equal(folder_make(path, &error), BAD_INPUT);
    assert_non_null(strstr(error.text, "Not a directory"));
    unlink(path);
}

static void digest_is_sha256(void **state)
{
    (void)state;
    uint8_t sum[DIGEST_SIZE];
    char hex[DIGEST_HEX];
    assert_int_equal(digest_of("abc", 3, sum, NULL), OK);
    digest_hex(sum, hex);
    /* FIPS 180-2, appendix B.1 */
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_error_stays),
        cmocka_unit_test(arena_zeroes_and_refuses_overflow),
        cmocka_unit_test(file_is_replaced_whole_or_left),
        cmocka_unit_test(only_regular_files_are_read),
        cmocka_unit_test(a_long_text_loses_its_middle),
        cmocka_unit_test(only_regular_files_are_replaced),
        cmocka_unit_test(a_folder_needs_a_name_and_room),
        cmocka_unit_test(digest_is_sha256),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
