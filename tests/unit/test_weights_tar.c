/* weights/tar_index and pth_tar: archives with other members, or that lie about what is in them,
 * are refused. */
#include "weights_support.h"

/* A header of the given member, its data following. */
static void add_member(struct bytes *bytes, const char *name, char type, const char *size,
                       const void *data, size_t data_size)
{
    uint8_t header[512] = {0};
    memcpy(header, name, strlen(name));
    memcpy(header + 124, size, strlen(size));
    header[156] = (uint8_t)type;
    memcpy(header + 257, "ustar\00000", 8);
    memset(header + 148, ' ', 8);
    unsigned sum = 0;
    for (int i = 0; i < 512; i++)
        sum += header[i];
    snprintf((char *)header + 148, 8, "%06o", sum);
    bytes_add(bytes, header, sizeof header);
    bytes_add(bytes, data, data_size);
    static const uint8_t zeros[512];
    bytes_add(bytes, zeros, (512 - data_size % 512) % 512);
}

static void finish_tar(struct bytes *bytes)
{
    static const uint8_t zeros[512];
    bytes_add(bytes, zeros, sizeof zeros);
    do
        bytes_add(bytes, zeros, sizeof zeros);
    while (bytes->size % 10240);
}

static void assert_member_refused(const char *name, char type, const char *size, const char *data,
                                  const char *expected)
{
    struct bytes bytes = {0};
    add_member(&bytes, "sys_info", '0', "00000000002", "ab", 2);
    add_member(&bytes, name, type, size, data, strlen(data));
    finish_tar(&bytes);
    assert_refused(bytes.data, bytes.size, expected);
    bytes_free(&bytes);
}

static void tar_members_are_checked(void **state)
{
    (void)state;
    assert_member_refused("sys_info", '0', "00000000001", "x", "is there twice");
    assert_member_refused("n01440764.tar", '0', "00000000001", "x", "member \"n01440764.tar\"");
    assert_member_refused("pickle", '2', "00000000000", "", "no regular file");
    assert_member_refused("pickle", '5', "00000000000", "", "no regular file");
    assert_member_refused("pickle", 'S', "00000000000", "", "no regular file");
    assert_member_refused("pickle", '0', "77777777777", "", "longer than what is left");
    assert_member_refused("pickle", '0', "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "",
                          "damaged header");
    assert_member_refused("pickle", '0', "\x80\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01", "",
                          "damaged header");
    assert_member_refused("pickle", '0', "0000000000x", "", "damaged header");
    assert_member_refused("pickle", '0', "00000000001", "x", "without the member \"tensors\"");
    assert_member_refused("pickle", 'x', "00000000012", "10 path=a\n", "does not write");
    assert_member_refused("pickle", 'x', "00000000012", "10 size=9\n", "does not write");
    assert_member_refused("pickle", 'x', "00000000012", "99 mtime=\n", "damaged extended header");
    assert_member_refused("pickle", 'x', "00000000012", "mtime=123\n", "damaged extended header");
    assert_member_refused("pickle", 'x', "00000200001", "", "longer than what is left");
    assert_member_refused("pickle", 'g', "00000000000", "", "no regular file");
}

static void tar_ends_in_zeros(void **state)
{
    (void)state;
    struct bytes bytes = load(GOLDEN "tiny_tar.pth");
    bytes.data[bytes.size - 1] = 1;
    assert_refused(bytes.data, bytes.size, "bytes after the end");
    bytes.data[bytes.size - 1] = 0;
    assert_refused(bytes.data, bytes.size - 512, "truncated");
    bytes_free(&bytes);
}

/* One change, of equal length, to the golden file. */
static void tar_contents_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        size_t from_size;
        const char *to;
        size_t size;
        const char *expected;
    } cases[] = {
        {BYTES("little_endian\x88"), BYTES("little_endian\x89"), "little_endian is False"},
        {BYTES("U\017140000000001000Q"), BYTES("U\017140000000009999Q"),
         "tensor \"140000000009999\""},
        {BYTES("U\017140000000001000Q"), BYTES("U\01714000000000100xQ"),
         "tensor \"14000000000100x\""},
        {BYTES("I140000000001001\n"), BYTES("I140000000001000\n"), "two tensors have one key"},
        {BYTES("I140000000000002\nctorch\nF"), BYTES("I140000000000999\nctorch\nF"), "not there"},
        {BYTES("ctorch\nLongTensor"), BYTES("ctorch\nHalfTensor"), "of another type"},
        {BYTES("I140000000000002\nctorch\nF"), BYTES("U\017140000000000002ctorch\nF"),
         "no (key, storage key"},
        {BYTES("\4\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0\3"), BYTES("\x9\0\0\0\0\0\0\0\4"), "more than 8"},
        {BYTES("\4\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0\3"), BYTES("\4\0\0\0\0\0\0\0\4\0\0\0\0\0\0\x80"),
         "is negative"},
        {BYTES("I140000000000002\nU\3cpu"), BYTES("I140000000000001\nU\3cpu"),
         "is said to be both"},
        {BYTES("U\3cpuctorch\nLongStorage"), BYTES("J\3cpuctorch\nLongStorage"),
         "no (key, location, type)"},
        {BYTES("LongStorage\n\x87.\1"), BYTES("LongStorage\n\x87.\2"),
         "does not begin with its protocol"},
        {BYTES("LongStorage\n\x87.\1\0\0\0\0\0\0\0"), BYTES("LongStorage\n\x87.\1\0\0\0\0\0\0\x40"),
         "more elements than the member"},
        {BYTES("\x80\2]."), BYTES("\x80\2N."), "views of storages"},
        {BYTES("\x80\2J\x0b\0\0\0."), BYTES("\x80\2J\x0c\0\0\0."), "is cut off before its end"},
        {BYTES("\x80\2J\x0b\0\0\0."), BYTES("\x80\2J\x0a\0\0\0."), "bytes follow the last tensor"},
        {BYTES("\x80\2J\x0b\0\0\0."), BYTES("\x80\2J\xff\xff\xff\x7f."),
         "no number that can be true"},
    };
    struct bytes bytes = load(GOLDEN "tiny_tar.pth");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes changed = bytes_copy(&bytes);
        uint8_t *at = memmem(changed.data, changed.size, cases[i].from, cases[i].from_size);
        assert_non_null(at);
        memcpy(at, cases[i].to, cases[i].size);
        assert_refused(changed.data, changed.size, cases[i].expected);
        bytes_free(&changed);
    }
    bytes_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tar_members_are_checked),
        cmocka_unit_test(tar_ends_in_zeros),
        cmocka_unit_test(tar_contents_are_checked),
    };
    return cmocka_run_group_tests_name("weights_tar", tests, NULL, NULL);
}
