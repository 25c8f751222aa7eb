/* weights/zip_index and pth_zip: archives that could be understood in two ways, or lie about what
 * is in them, are refused. They are written here, entry by entry. */
#include "weights_support.h"

#include <zlib.h>

/* A state_dict of one tensor "a", four floats in storage "0". */
#define PICKLE                                                                                     \
    "\x80\x02}X\1\0\0\0a"                                                                          \
    "ctorch._utils\n_rebuild_tensor\n((X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0"            \
    "0X\3\0\0\0cpuK\4tQK\0K\4\x85K\1\x85tRs."
#define FLOATS "\0\0\x80?\0\0\0@\0\0@@\0\0\x80@"

/* What an entry's header and directory record say; where a field of the directory is to lie, it is
 * set apart from the header's. */
struct entry {
    const char *name;
    const char *data;
    size_t size;
    const char *local_name; /* NULL: the same */
    uint16_t flags, method;
    uint32_t crc_change, local_size_change, size_change, descriptor_change;
    int64_t offset_change;
    bool zip64;
    uint32_t at; /* set when written */
};

struct archive {
    struct entry entries[8];
    int count;
    int count_change;
    int32_t directory_change;
    const char *comment, *in_front_of_directory;
};

static void add16(struct bytes *bytes, uint32_t value)
{
    bytes_add(bytes, (uint8_t[]){(uint8_t)value, (uint8_t)(value >> 8)}, 2);
}

static void add32(struct bytes *bytes, uint32_t value)
{
    add16(bytes, value & 0xffff);
    add16(bytes, value >> 16);
}

static void add64(struct bytes *bytes, uint64_t value)
{
    add32(bytes, (uint32_t)value);
    add32(bytes, (uint32_t)(value >> 32));
}

static uint32_t checksum(const struct entry *entry)
{
    uint32_t crc = (uint32_t)crc32(0, (const uint8_t *)entry->data, (uInt)entry->size);
    return crc + entry->crc_change;
}

static void add_local(struct bytes *bytes, struct entry *entry)
{
    const char *name = entry->local_name ? entry->local_name : entry->name;
    bool described = entry->flags & 8;
    uint32_t size = described ? 0 : (uint32_t)entry->size + entry->local_size_change;
    entry->at = (uint32_t)bytes->size;
    add32(bytes, 0x04034b50);
    add16(bytes, 20);
    add16(bytes, entry->flags);
    add16(bytes, entry->method);
    add32(bytes, 0);
    add32(bytes, described ? 0 : checksum(entry));
    add32(bytes, size);
    add32(bytes, size);
    add16(bytes, (uint32_t)strlen(name));
    add16(bytes, 0);
    bytes_add(bytes, name, strlen(name));
    bytes_add(bytes, entry->data, entry->size);
    if (!described)
        return;
    add32(bytes, 0x08074b50);
    add32(bytes, checksum(entry) + entry->descriptor_change);
    for (int i = 0; i < 2; i++) {
        if (entry->zip64)
            add64(bytes, entry->size);
        else
            add32(bytes, (uint32_t)entry->size);
    }
}

static void add_record(struct bytes *bytes, const struct entry *entry)
{
    uint32_t size = entry->zip64 ? UINT32_MAX : (uint32_t)entry->size + entry->size_change;
    add32(bytes, 0x02014b50);
    add32(bytes, 20 << 16 | 20);
    add16(bytes, entry->flags);
    add16(bytes, entry->method);
    add32(bytes, 0);
    add32(bytes, checksum(entry));
    add32(bytes, size);
    add32(bytes, size);
    add16(bytes, (uint32_t)strlen(entry->name));
    add16(bytes, entry->zip64 ? 28 : 0);
    add16(bytes, 0);
    add16(bytes, 0);
    add16(bytes, 0);
    add32(bytes, 0);
    add32(bytes, entry->zip64 ? UINT32_MAX : (uint32_t)(entry->at + entry->offset_change));
    bytes_add(bytes, entry->name, strlen(entry->name));
    if (!entry->zip64)
        return;
    add16(bytes, 1);
    add16(bytes, 24);
    add64(bytes, entry->size + entry->size_change);
    add64(bytes, entry->size + entry->size_change);
    add64(bytes, entry->at + (uint64_t)entry->offset_change);
}

static struct bytes write_zip(struct archive *archive)
{
    struct bytes bytes = {0};
    for (int i = 0; i < archive->count; i++)
        add_local(&bytes, &archive->entries[i]);
    if (archive->in_front_of_directory)
        bytes_add(&bytes, archive->in_front_of_directory, strlen(archive->in_front_of_directory));
    uint32_t start = (uint32_t)bytes.size;
    for (int i = 0; i < archive->count; i++)
        add_record(&bytes, &archive->entries[i]);
    uint32_t size = (uint32_t)bytes.size - start;
    const char *comment = archive->comment ? archive->comment : "";
    add32(&bytes, 0x06054b50);
    add32(&bytes, 0);
    add16(&bytes, (uint32_t)(archive->count + archive->count_change));
    add16(&bytes, (uint32_t)(archive->count + archive->count_change));
    add32(&bytes, size);
    add32(&bytes, start + (uint32_t)archive->directory_change);
    add16(&bytes, (uint32_t)strlen(comment));
    bytes_add(&bytes, comment, strlen(comment));
    return bytes;
}

static struct archive good_archive(void)
{
    return (struct archive){.entries = {{.name = "m/data.pkl", BYTES(PICKLE)},
                                        {.name = "m/byteorder", BYTES("little")},
                                        {.name = "m/data/0", BYTES(FLOATS)},
                                        {.name = "m/version", BYTES("3\n")}},
                            .count = 4};
}

static void assert_zip_refused(struct archive archive, const char *expected)
{
    struct bytes bytes = write_zip(&archive);
    assert_refused(bytes.data, bytes.size, expected);
    bytes_free(&bytes);
}

static void assert_zip_reads(struct archive archive)
{
    struct bytes bytes = write_zip(&archive);
    struct weights *weights;
    struct error error = {0};
    if (open_bytes(bytes.data, bytes.size, &weights, &error) != OK)
        fail_msg("%s", error.text);
    float *floats = read_floats(weights, weights_find(weights, "a"));
    for (int i = 0; i < 4; i++)
        assert_true(floats[i] == (float)(i + 1));
    free(floats);
    weights_close(weights);
    bytes_free(&bytes);
}

static void stored_entries_are_read(void **state)
{
    (void)state;
    struct archive archive = good_archive();
    assert_zip_reads(archive);
    for (int i = 0; i < archive.count; i++)
        archive.entries[i].flags = 0x0808;
    assert_zip_reads(archive);
    for (int i = 0; i < archive.count; i++)
        archive.entries[i].zip64 = true;
    assert_zip_reads(archive);
}

static void crc_is_verified_unless_zero(void **state)
{
    (void)state;
    struct archive archive = good_archive();
    archive.entries[2].crc_change = 1;
    assert_zip_refused(archive, "\"m/data/0\"");
    archive = good_archive();
    archive.entries[3].crc_change = 1; /* not read otherwise, still damage */
    assert_zip_refused(archive, "has CRC-32");
    archive.entries[3].crc_change = -checksum(&good_archive().entries[3]);
    assert_zip_reads(archive);
}

static void only_plain_entries_are_read(void **state)
{
    (void)state;
    struct archive archive = good_archive();
    archive.entries[2].method = 8;
    assert_zip_refused(archive, "is compressed");
    archive = good_archive();
    archive.entries[2].flags = 1;
    assert_zip_refused(archive, "is encrypted");
    archive = good_archive();
    archive.entries[2].flags = 0x40;
    assert_zip_refused(archive, "flags that PyTorch does not set");
}

static void directory_and_entries_must_agree(void **state)
{
    (void)state;
    struct archive archive = good_archive();
    archive.entries[2].local_name = "m/data/1";
    assert_zip_refused(archive, "has another name in its own header");
    archive = good_archive();
    archive.entries[2].local_name = "m/data/00";
    assert_zip_refused(archive, "does not begin as the directory says");
    archive = good_archive();
    archive.entries[2].local_size_change = 4;
    assert_zip_refused(archive, "another size or CRC-32 in its own header");
    archive = good_archive();
    archive.entries[2].size_change = 4;
    assert_zip_refused(archive, "another size or CRC-32 in its own header");
    archive = good_archive();
    archive.entries[2].flags = 8;
    archive.entries[2].descriptor_change = 1;
    assert_zip_refused(archive, "is not followed by the size and CRC-32");
    archive = good_archive();
    archive.entries[2].flags = 8;
    archive.entries[2].size_change = 4;
    assert_zip_refused(archive, "is not followed by the size and CRC-32");
    archive = good_archive();
    archive.entries[3].size_change = 1000;
    assert_zip_refused(archive, "ends outside the file's data");
    archive = good_archive();
    archive.entries[2].offset_change = 1;
    assert_zip_refused(archive, "does not begin as the directory says");
    archive = good_archive();
    archive.entries[2].offset_change = 1 << 30;
    assert_zip_refused(archive, "begins outside the file's data");
}

/* An entry that lies in another's data, headers and all. */
static void overlapping_entries_are_refused(void **state)
{
    (void)state;
    struct archive inner = {.entries = {{.name = "m/data/0", BYTES(FLOATS)}}, .count = 1};
    struct bytes hidden = write_zip(&inner);
    struct archive archive = good_archive();
    struct entry *outer = &archive.entries[3];
    outer->data = (const char *)hidden.data;
    outer->size = hidden.size;
    struct bytes bytes = write_zip(&archive);
    uint32_t outer_data = outer->at + 30 + (uint32_t)strlen(outer->name);
    archive.entries[2].offset_change = (int64_t)outer_data - archive.entries[2].at;
    bytes_free(&bytes);
    assert_zip_refused(archive, "overlaps the entry before it");
    bytes_free(&hidden);
}

static void names_are_there_once(void **state)
{
    (void)state;
    struct archive archive = good_archive();
    archive.entries[3] = archive.entries[2];
    assert_zip_refused(archive, "is there twice");
    archive = good_archive();
    archive.entries[3].name = "n/data.pkl";
    assert_zip_refused(archive, "more than one FOLDER/data.pkl");
    archive = good_archive();
    archive.entries[3].name = "";
    assert_zip_refused(archive, "whose name is empty");
}

static void end_must_be_where_it_belongs(void **state)
{
    (void)state;
    struct archive archive = good_archive();
    archive.comment = "hello";
    assert_zip_refused(archive, "has no end record in the file's last 22 bytes");
    archive = good_archive();
    archive.count_change = 1;
    assert_zip_refused(archive, "has no directory record");
    archive = good_archive();
    archive.count_change = -1;
    assert_zip_refused(archive, "has more in its directory");
    archive = good_archive();
    archive.count_change = 20000;
    assert_zip_refused(archive, "more than 10,000");
    archive = good_archive();
    archive.directory_change = -4;
    assert_zip_refused(archive, "directory that does not end where");
    archive = good_archive();
    struct bytes bytes = write_zip(&archive);
    assert_refused(bytes.data, bytes.size - 1, "truncated");
    bytes_add(&bytes, "", 1);
    assert_refused(bytes.data, bytes.size, "truncated, or something follows it");
    bytes_free(&bytes);
}

/* The records of today's PyTorch: a zip64 end that must agree with the plain one. */
static void both_ends_must_agree(void **state)
{
    (void)state;
    struct bytes bytes = load(GOLDEN "tiny_zip.pth");
    uint8_t *end = bytes.data + bytes.size - 22, *locator = end - 20, *end64 = locator - 56;
    static const struct {
        int from_end, offset;
        const char *expected;
    } cases[] = {{0, 10, "damaged end record"}, {0, 12, "disagree"},
                 {0, 16, "disagree"},           {1, 8, "points elsewhere"},
                 {1, 16, "points elsewhere"},   {2, 0, "damaged zip64"},
                 {2, 24, "damaged zip64"},      {2, 40, "does not end where"},
                 {2, 48, "does not end where"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t *record = cases[i].from_end == 0 ? end : cases[i].from_end == 1 ? locator : end64;
        record[cases[i].offset]++;
        assert_refused(bytes.data, bytes.size, cases[i].expected);
        record[cases[i].offset]--;
    }
    bytes_free(&bytes);
}

static void contents_must_be_pytorchs(void **state)
{
    (void)state;
    struct archive archive = good_archive();
    archive.entries[2].size = 12;
    assert_zip_refused(archive, "has 12 bytes");
    archive = good_archive();
    archive.entries[2].name = "m/data/00";
    assert_zip_refused(archive, "its storage \"0\" is not in the file");
    archive = good_archive();
    archive.entries[1] = (struct entry){.name = "m/byteorder", BYTES("big")};
    assert_zip_refused(archive, "byteorder is not \"little\"");
    archive = good_archive();
    archive.entries[0] = (struct entry){.name = "m/data.pkl", BYTES(PICKLE ".")};
    assert_zip_refused(archive, "ends here, 1 bytes before its part");
    archive = good_archive();
    archive.entries[0].name = "m/x.pkl";
    assert_zip_refused(archive, "not PyTorch's");
    archive.entries[0].name = "x/y/data.pkl";
    assert_zip_refused(archive, "not PyTorch's");
    archive.entries[0].name = "model.weights.h5";
    assert_zip_refused(archive, "Keras .keras archive");
    archive.entries[0].name = "arr_0.npy";
    assert_zip_refused(archive, ".npz");
    archive = good_archive();
    archive.entries[3].name = "m/constants.pkl";
    assert_zip_refused(archive, "TorchScript");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_entries_are_read),
        cmocka_unit_test(crc_is_verified_unless_zero),
        cmocka_unit_test(only_plain_entries_are_read),
        cmocka_unit_test(directory_and_entries_must_agree),
        cmocka_unit_test(overlapping_entries_are_refused),
        cmocka_unit_test(names_are_there_once),
        cmocka_unit_test(end_must_be_where_it_belongs),
        cmocka_unit_test(both_ends_must_agree),
        cmocka_unit_test(contents_must_be_pytorchs),
    };
    return cmocka_run_group_tests_name("weights_zip", tests, NULL, NULL);
}
