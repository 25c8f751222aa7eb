#include "weights/zip_index.h"

#include "base/file.h"
#include "weights/little_endian.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.9, 4.3.12, 4.3.14 to 4.3.16, 4.5.3. */
enum {
    LOCAL_SIZE = 30,
    CENTRAL_SIZE = 46,
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR_SIZE = 20,
    DESCRIPTOR_SIZE = 16, /* 24 in zip64 */
    LOCAL_SIGNATURE = 0x04034b50,
    CENTRAL_SIGNATURE = 0x02014b50,
    END_SIGNATURE = 0x06054b50,
    END64_SIGNATURE = 0x06064b50,
    LOCATOR_SIGNATURE = 0x07064b50,
    DESCRIPTOR_SIGNATURE = 0x08074b50,
    ZIP64_EXTRA = 1,
    FLAG_ENCRYPTED = 1,
    FLAG_DESCRIPTOR = 1 << 3,
    FLAG_UTF8 = 1 << 11,
    MAX_ENTRIES = 10000,
    MAX_NAME = 1000,
    MAX_DIRECTORY = 16 << 20
};

struct reader {
    const struct weights_file *file;
    uint64_t directory_start, directory_size, entry_count;
    struct bytes directory;
};

static enum status refuse(const struct reader *reader, uint64_t at, const char *name,
                          const char *what, struct error *error)
{
    char text[SHOWN_SIZE];
    return error_set(error, BAD_INPUT, "%s: byte %llu: %s%s%s %s", reader->file->weights.path,
                     (unsigned long long)at, name ? "zip entry \"" : "the zip archive",
                     name ? shown(text, name, strlen(name)) : "", name ? "\"" : "", what);
}

static enum status read_at(const struct reader *reader, void *to, size_t size, uint64_t at,
                           struct error *error)
{
    return file_read_at(reader->file->descriptor, reader->file->weights.path, to, size, at, error);
}

/* The record that a zip64 locator, right before the end record, points at. */
static enum status read_end64(struct reader *reader, uint64_t locator_at, const uint8_t *locator,
                              struct error *error)
{
    uint8_t end[END64_SIZE];
    uint64_t at = le64(locator + 8);
    if (le32(locator + 4) != 0 || le32(locator + 16) != 1 || locator_at < END64_SIZE ||
        at != locator_at - END64_SIZE)
        return refuse(reader, locator_at, NULL, "has a zip64 locator that points elsewhere", error);
    enum status status = read_at(reader, end, sizeof end, at, error);
    if (status != OK)
        return status;
    if (le32(end) != END64_SIGNATURE || le64(end + 4) != END64_SIZE - 12 || le32(end + 16) != 0 ||
        le32(end + 20) != 0 || le64(end + 24) != le64(end + 32))
        return refuse(reader, at, NULL, "has a damaged zip64 end record", error);
    reader->entry_count = le64(end + 32);
    reader->directory_size = le64(end + 40);
    reader->directory_start = le64(end + 48);
    if (reader->directory_start > at || reader->directory_size != at - reader->directory_start)
        return refuse(reader, at, NULL,
                      "has a directory that does not end where its end record "
                      "begins",
                      error);
    return OK;
}

/* A value of the old end record is either the zip64 one or "see there". */
static bool agrees(uint64_t field, uint64_t full, uint64_t see_there)
{
    return field == full || field == see_there;
}

static enum status read_end(struct reader *reader, struct error *error)
{
    uint64_t size = reader->file->weights.size;
    uint8_t end[END_SIZE], locator[LOCATOR_SIZE] = {0};
    if (size < END_SIZE)
        return refuse(reader, 0, NULL, "is too short for one; the file is truncated: get it again",
                      error);
    uint64_t at = size - END_SIZE;
    enum status status = read_at(reader, end, sizeof end, at, error);
    if (status == OK && at >= LOCATOR_SIZE)
        status = read_at(reader, locator, sizeof locator, at - LOCATOR_SIZE, error);
    if (status != OK)
        return status;
    if (le32(end) != END_SIGNATURE)
        return refuse(reader, at, NULL,
                      "has no end record in the file's last 22 bytes; the file "
                      "is truncated, or something follows it: get it again",
                      error);
    if (le16(end + 4) != 0 || le16(end + 6) != 0 || le16(end + 8) != le16(end + 10) ||
        le16(end + 20) != 0)
        return refuse(reader, at, NULL, "has a damaged end record", error);
    uint64_t count = le16(end + 10), directory_size = le32(end + 12), start = le32(end + 16);
    if (le32(locator) == LOCATOR_SIGNATURE) {
        status = read_end64(reader, at - LOCATOR_SIZE, locator, error);
        if (status != OK)
            return status;
        if (!agrees(count, reader->entry_count, UINT16_MAX) ||
            !agrees(directory_size, reader->directory_size, UINT32_MAX) ||
            !agrees(start, reader->directory_start, UINT32_MAX))
            return refuse(reader, at, NULL, "has two end records that disagree", error);
        return OK;
    }
    if (start > at || directory_size != at - start)
        return refuse(reader, at, NULL,
                      "has a directory that does not end where its end record "
                      "begins",
                      error);
    reader->entry_count = count;
    reader->directory_size = directory_size;
    reader->directory_start = start;
    return OK;
}

/* The 64-bit values of a directory record's zip64 extra field replace, in this order, those that
 * are all ones. */
static bool apply_zip64(const uint8_t *extra, size_t size, uint64_t *values[3], int count)
{
    while (size >= 4) {
        size_t length = le16(extra + 2);
        if (length > size - 4)
            return false;
        if (le16(extra) == ZIP64_EXTRA) {
            const uint8_t *field = extra + 4;
            if (length < 8 * (size_t)count)
                return false;
            for (int i = 0; i < count; i++)
                *values[i] = le64(field + 8 * i);
            return true;
        }
        extra += 4 + length;
        size -= 4 + length;
    }
    return false;
}

static enum status read_sizes(const struct reader *reader, const uint8_t *record, uint64_t at,
                              size_t extra_size, const uint8_t *extra, struct zip_entry *entry,
                              struct error *error)
{
    uint64_t packed = le32(record + 20), *large[3];
    entry->size = le32(record + 24);
    entry->header = le32(record + 42);
    int count = 0;
    if (entry->size == UINT32_MAX)
        large[count++] = &entry->size;
    if (packed == UINT32_MAX)
        large[count++] = &packed;
    if (entry->header == UINT32_MAX)
        large[count++] = &entry->header;
    if (count && !apply_zip64(extra, extra_size, large, count))
        return refuse(reader, at, entry->name, "lacks the zip64 sizes that it refers to", error);
    if (entry->flags & FLAG_ENCRYPTED)
        return refuse(reader, at, entry->name, "is encrypted", error);
    if (entry->method != 0)
        return refuse(reader, at, entry->name,
                      "is compressed; PyTorch stores. Unpack the archive "
                      "if it holds a .pth file",
                      error);
    if (entry->flags & ~(FLAG_DESCRIPTOR | FLAG_UTF8))
        return refuse(reader, at, entry->name, "has flags that PyTorch does not set", error);
    if (packed != entry->size)
        return refuse(reader, at, entry->name, "has two sizes though it is not compressed", error);
    return OK;
}

/* The directory record at `*at`, which moves on to the next. */
static enum status read_record(const struct reader *reader, size_t *at, struct arena *arena,
                               struct zip_entry *entry, struct error *error)
{
    const uint8_t *record = reader->directory.data + *at;
    size_t left = reader->directory.size - *at;
    uint64_t place = reader->directory_start + *at;
    if (left < CENTRAL_SIZE || le32(record) != CENTRAL_SIGNATURE)
        return refuse(reader, place, NULL, "has no directory record where one must be", error);
    size_t name_size = le16(record + 28), extra_size = le16(record + 30);
    size_t size = CENTRAL_SIZE + name_size + extra_size + le16(record + 32);
    if (size > left)
        return refuse(reader, place, NULL, "has a directory record that ends beyond it", error);
    const char *name = (const char *)record + CENTRAL_SIZE;
    if (name_size == 0 || name_size > MAX_NAME || memchr(name, '\0', name_size))
        return refuse(reader, place, NULL,
                      "has an entry whose name is empty, longer than 1,000 "
                      "bytes or holds a zero",
                      error);
    if (le16(record + 34) != 0)
        return refuse(reader, place, NULL, "is in several volumes", error);
    entry->name = arena_alloc(arena, name_size + 1, 1);
    if (!entry->name)
        return error_memory(error, "a zip entry's name");
    memcpy(entry->name, name, name_size);
    entry->flags = le16(record + 8);
    entry->method = le16(record + 10);
    entry->crc32 = le32(record + 16);
    *at += size;
    return read_sizes(reader, record, place, extra_size, record + CENTRAL_SIZE + name_size, entry,
                      error);
}

/* Whether what follows the data repeats the directory, with sizes of 4 or 8 bytes. */
static bool descriptor_agrees(const struct zip_entry *entry, const uint8_t *bytes, size_t size)
{
    if (size < DESCRIPTOR_SIZE || le32(bytes) != DESCRIPTOR_SIGNATURE ||
        le32(bytes + 4) != entry->crc32)
        return false;
    return (le32(bytes + 8) == entry->size && le32(bytes + 12) == entry->size) ||
           (size >= 24 && le64(bytes + 8) == entry->size && le64(bytes + 16) == entry->size);
}

/* The entry's own header must say what the directory says; with a descriptor, its CRC-32 and sizes
 * may be 0 or, in zip64, all ones, and the descriptor counts. Sets entry->start. */
static enum status check_local(const struct reader *reader, struct zip_entry *entry,
                               struct error *error)
{
    uint8_t header[LOCAL_SIZE], descriptor[24];
    char name[MAX_NAME];
    uint64_t limit = reader->directory_start, at = entry->header;
    if (at > limit || limit - at < LOCAL_SIZE)
        return refuse(reader, at, entry->name, "begins outside the file's data", error);
    enum status status = read_at(reader, header, sizeof header, at, error);
    if (status != OK)
        return status;
    size_t name_size = strlen(entry->name);
    uint64_t skip = LOCAL_SIZE + (uint64_t)le16(header + 26) + le16(header + 28);
    if (le32(header) != LOCAL_SIGNATURE || le16(header + 26) != name_size ||
        le16(header + 6) != entry->flags || le16(header + 8) != entry->method)
        return refuse(reader, at, entry->name, "does not begin as the directory says", error);
    if (limit - at < skip || limit - at - skip < entry->size)
        return refuse(reader, at, entry->name, "ends outside the file's data", error);
    status = read_at(reader, name, name_size, at + LOCAL_SIZE, error);
    if (status == OK && memcmp(name, entry->name, name_size) != 0)
        return refuse(reader, at, entry->name, "has another name in its own header", error);
    entry->start = at + skip;
    uint64_t after = entry->start + entry->size;
    size_t left = limit - after < sizeof descriptor ? (size_t)(limit - after) : sizeof descriptor;
    bool described = entry->flags & FLAG_DESCRIPTOR;
    if (status == OK && described)
        status = read_at(reader, descriptor, left, after, error);
    if (status != OK)
        return status;
    if (described && !descriptor_agrees(entry, descriptor, left))
        return refuse(reader, after, entry->name,
                      "is not followed by the size and CRC-32 that the "
                      "directory gives it",
                      error);
    uint32_t crc = le32(header + 14), packed = le32(header + 18), size = le32(header + 22);
    bool left_open = described && crc == 0 && packed == size && (size == 0 || size == UINT32_MAX);
    if (!left_open && (crc != entry->crc32 || packed != entry->size || size != entry->size))
        return refuse(reader, at, entry->name, "has another size or CRC-32 in its own header",
                      error);
    return OK;
}

static int by_place(const void *a, const void *b)
{
    const struct zip_entry *first = a, *second = b;
    return (first->header > second->header) - (first->header < second->header);
}

static int by_name(const void *a, const void *b)
{
    const struct zip_entry *first = a, *second = b;
    return strcmp(first->name, second->name);
}

static enum status check_entries(const struct reader *reader, const struct zip_index *index,
                                 struct error *error)
{
    qsort(index->entries, index->count, sizeof *index->entries, by_place);
    uint64_t end = 0;
    for (size_t i = 0; i < index->count; i++) {
        struct zip_entry *entry = &index->entries[i];
        if (entry->header < end)
            return refuse(reader, entry->header, entry->name, "overlaps the entry before it",
                          error);
        enum status status = check_local(reader, entry, error);
        if (status != OK)
            return status;
        end = entry->start + entry->size + (entry->flags & FLAG_DESCRIPTOR ? DESCRIPTOR_SIZE : 0);
    }
    qsort(index->entries, index->count, sizeof *index->entries, by_name);
    for (size_t i = 1; i < index->count; i++)
        if (strcmp(index->entries[i - 1].name, index->entries[i].name) == 0)
            return refuse(reader, index->entries[i].header, index->entries[i].name,
                          "is there twice", error);
    return OK;
}

static enum status read_directory(struct reader *reader, struct zip_index *index,
                                  struct arena *arena, struct error *error)
{
    if (reader->entry_count == 0 || reader->entry_count > MAX_ENTRIES)
        return refuse(reader, reader->directory_start, NULL,
                      "has no entry or more than 10,000; PyTorch's have a few for each tensor",
                      error);
    if (reader->directory_size > MAX_DIRECTORY)
        return refuse(reader, reader->directory_start, NULL, "has a directory of more than 16 MiB",
                      error);
    reader->directory.size = (size_t)reader->directory_size;
    index->entries = arena_alloc(arena, (size_t)reader->entry_count, sizeof *index->entries);
    if (!index->entries)
        return error_memory(error, "a zip directory");
    enum status status = bytes_reserve(&reader->directory, reader->directory.size + 1, error);
    if (status == OK)
        status = read_at(reader, reader->directory.data, reader->directory.size,
                         reader->directory_start, error);
    size_t at = 0;
    while (status == OK && index->count < reader->entry_count)
        status = read_record(reader, &at, arena, &index->entries[index->count++], error);
    if (status == OK && at != reader->directory.size)
        return refuse(reader, reader->directory_start + at, NULL,
                      "has more in its directory than it has entries", error);
    return status;
}

enum status zip_index_read(struct zip_index *index, const struct weights_file *file,
                           struct arena *arena, struct error *error)
{
    *index = (struct zip_index){0};
    struct reader reader = {.file = file};
    enum status status = read_end(&reader, error);
    if (status == OK)
        status = read_directory(&reader, index, arena, error);
    if (status == OK)
        status = check_entries(&reader, index, error);
    bytes_free(&reader.directory);
    return status;
}

const struct zip_entry *zip_index_find(const struct zip_index *index, const char *name)
{
    struct zip_entry wanted = {.name = (char *)name};
    return bsearch(&wanted, index->entries, index->count, sizeof wanted, by_name);
}

static int by_start(const void *a, const void *b)
{
    const struct checksum *first = a, *second = b;
    return (first->start > second->start) - (first->start < second->start);
}

enum status zip_index_checksums(const struct zip_index *index, struct weights_file *file,
                                struct error *error)
{
    struct checksum *checksums = arena_alloc(&file->arena, index->count, sizeof *checksums);
    if (!checksums)
        return error_memory(error, "a list of checksums");
    size_t count = 0;
    for (size_t i = 0; i < index->count; i++) {
        const struct zip_entry *entry = &index->entries[i];
        const char *name = entry->crc32 ? arena_string(&file->arena, entry->name) : NULL;
        if (entry->crc32 && !name)
            return error_memory(error, "a list of checksums");
        if (entry->crc32)
            checksums[count++] = (struct checksum){name, entry->start, entry->size, entry->crc32};
    }
    qsort(checksums, count, sizeof *checksums, by_start);
    file->checksums = checksums;
    file->checksum_count = count;
    return OK;
}
