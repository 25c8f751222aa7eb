#include "base/file.h"
#include "data/listing.h"
#include "data/printable.h"
#include "data/tar_header.h"

#include <string.h>

enum {
    EXTENSION_MAX = 1 << 20, /* bytes of a long name or pax header */
    PADDING_MAX = 1 << 20,   /* zero bytes after the end blocks */
    MEMBERS_MAX = 4000000
};

struct reader {
    int descriptor;
    uint64_t size; /* of the archive */
    struct tar_place place;
    uint64_t at; /* the next block */
    struct listing *listing;
    struct bytes extension;
    struct tar_header header;
    struct tar_pax next; /* what extensions said of the next member */
};

static enum status read_at(struct reader *reader, void *to, size_t size, uint64_t offset)
{
    return file_read_at(reader->descriptor, reader->place.path, to, size, offset,
                        reader->place.error);
}

static enum status refuse_member(const struct reader *reader, const char *what)
{
    return error_set(reader->place.error, BAD_INPUT, "%s: byte %llu: member %s: %s",
                     reader->place.path, (unsigned long long)reader->place.offset,
                     PRINTABLE(reader->header.name), what);
}

static enum status refuse_truncated(const struct reader *reader)
{
    return error_set(reader->place.error, BAD_INPUT,
                     "%s: the archive is truncated: it ends at byte %llu without the two zero "
                     "blocks that end a tar; get it again",
                     reader->place.path, (unsigned long long)reader->size);
}

/* Make a stored name clean in place: no empty and no "." parts. Refuses names that would lead out
 * of the archive. A folder that is the archive's own root ends as "". */
static enum status clean_name(const struct reader *reader, char *name)
{
    if (name[0] == '/')
        return refuse_member(reader, "an absolute path; make the archive again without tar -P");
    char *to = name;
    for (const char *part = name; *part;) {
        size_t length = strcspn(part, "/");
        if (length == 2 && !memcmp(part, "..", 2))
            return refuse_member(reader, "the path leads out of the archive by \"..\"; make the "
                                         "archive again");
        if (length && !(length == 1 && *part == '.')) {
            if (to != name)
                *to++ = '/';
            memmove(to, part, length);
            to += length;
        }
        part += length + (part[length] == '/');
    }
    *to = '\0';
    return OK;
}

static enum status refuse_type(const struct reader *reader)
{
    switch (reader->header.type) {
    case '1':
        return refuse_member(reader, "a hard link; only regular files are read: make the archive "
                                     "again with tar --hard-dereference");
    case '2':
        return refuse_member(reader, "a symbolic link; only regular files are read: make the "
                                     "archive again with tar --dereference");
    case '3':
    case '4':
    case '6':
        return refuse_member(reader, "a device or pipe; only regular files are read");
    case 'S':
        return refuse_member(reader, "a sparse file; make the archive again without tar --sparse");
    default:
        return refuse_member(reader, "neither a regular file nor a folder; make the archive again "
                                     "with tar --format=pax");
    }
}

/* Read the data of an extension header into `reader->extension`. */
static enum status read_extension(struct reader *reader)
{
    size_t size = (size_t)reader->header.size;
    if (reader->header.size > EXTENSION_MAX)
        return tar_refuse(&reader->place, "a long name or pax header of more than 1 MiB; the "
                                          "archive is damaged: get it again");
    enum status status = bytes_reserve(&reader->extension, size + 1, reader->place.error);
    if (status == OK)
        status = read_at(reader, reader->extension.data, size, reader->at);
    return status;
}

/* GNU's long name: the name with a zero byte at its end. */
static enum status read_long_name(struct reader *reader)
{
    size_t size = (size_t)reader->header.size;
    const uint8_t *name = reader->extension.data;
    if (size < 2 || size > TAR_NAME_MAX + 1 || memchr(name, '\0', size) != name + size - 1)
        return tar_refuse(&reader->place, "this long name is empty, longer than 4,096 bytes or "
                                          "does not end with its only zero byte");
    if (reader->next.has_name)
        return tar_refuse(&reader->place, "a second name for the same member");
    memcpy(reader->next.name, name, size);
    reader->next.has_name = true;
    return OK;
}

/* A header that says something of the next member ('x', 'L', 'K') or of all ('g'). */
static enum status add_extension(struct reader *reader)
{
    enum status status = read_extension(reader);
    size_t size = (size_t)reader->header.size;
    const uint8_t *data = reader->extension.data;
    if (status != OK)
        return status;
    switch (reader->header.type) {
    case 'L':
        return read_long_name(reader);
    case 'K': /* a long link name: the link itself is refused */
        return OK;
    default:
        return tar_pax_read(&reader->place, data, size, reader->header.type == 'g', &reader->next);
    }
}

static enum status add_member(struct reader *reader)
{
    struct tar_header *header = &reader->header;
    enum status status = clean_name(reader, header->name);
    if (status != OK)
        return status;
    if (header->type != '0' && header->type != '5')
        return refuse_type(reader);
    if (header->type == '5' && header->size)
        return refuse_member(reader, "a folder with data; the archive is damaged: get it again");
    if (header->name[0] == '\0')
        return header->type == '5' ? OK : refuse_member(reader, "a file without a name");
    if (reader->listing->count + reader->listing->folder_count >= MEMBERS_MAX)
        return refuse_member(reader, "the archive has more than 4,000,000 members");
    const char *name = arena_string(&reader->listing->arena, header->name);
    if (!name)
        return error_memory(reader->place.error, "the list of files");
    if (header->type == '5')
        return listing_add_folder(reader->listing, name, reader->place.error);
    struct found found = {name, header->size, reader->at};
    return listing_add_file(reader->listing, found, reader->place.error);
}

/* The data must lie inside the archive, with the padding to a whole block. */
static enum status check_size(const struct reader *reader)
{
    uint64_t left = reader->size - reader->at;
    if (reader->header.size <= left &&
        (TAR_BLOCK - reader->header.size % TAR_BLOCK) % TAR_BLOCK <= left - reader->header.size)
        return OK;
    return error_set(reader->place.error, BAD_INPUT,
                     "%s: byte %llu: member %s has %llu bytes, but the archive ends %llu bytes "
                     "after its header: it is truncated or damaged; get it again",
                     reader->place.path, (unsigned long long)reader->place.offset,
                     PRINTABLE(reader->header.name), (unsigned long long)reader->header.size,
                     (unsigned long long)left);
}

/* The header is read and `at` stands behind it: take the member, step over its data. */
static enum status take_member(struct reader *reader)
{
    struct tar_header *header = &reader->header;
    bool extension = memchr("xgLK", header->type, 4);
    if (!extension && reader->next.has_name)
        strcpy(header->name, reader->next.name);
    if (!extension && reader->next.has_size)
        header->size = reader->next.size;
    enum status status = check_size(reader);
    if (status == OK)
        status = extension ? add_extension(reader) : add_member(reader);
    if (!extension)
        reader->next.has_name = reader->next.has_size = false;
    reader->at += (header->size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
    return status;
}

/* After the first zero block: the second, then nothing but zero bytes. */
static enum status check_end(struct reader *reader)
{
    uint64_t left = reader->size - reader->at;
    if (left < TAR_BLOCK)
        return refuse_truncated(reader);
    if (reader->next.has_name || reader->next.has_size)
        return tar_refuse(&reader->place, "the archive ends after an extended header, where its "
                                          "member is wanted; get it again");
    if (left > TAR_BLOCK + PADDING_MAX)
        return tar_refuse(&reader->place, "more than 1 MiB follows the archive's end; if archives "
                                          "were joined, give each alone");
    for (bool second = true; left > 0; second = false) {
        uint8_t block[TAR_BLOCK] = {0};
        size_t size = left < TAR_BLOCK ? (size_t)left : TAR_BLOCK;
        enum status status = read_at(reader, block, size, reader->at);
        if (status != OK)
            return status;
        reader->place.offset = reader->at;
        if (!tar_block_is_zero(block))
            return tar_refuse(&reader->place,
                              second ? "a lone zero block; the archive is damaged: get it again"
                                     : "bytes follow the archive's end; if archives were joined, "
                                       "give each alone");
        reader->at += size;
        left -= size;
    }
    return OK;
}

static enum status refuse_impostor(const struct reader *reader, const uint8_t block[TAR_BLOCK])
{
    static const struct {
        const char *start;
        size_t length;
        const char *what;
    } impostors[] = {
        {"\x1f\x8b", 2, "compressed with gzip: decompress it first (gunzip)"},
        {"\xfd"
         "7zXZ",
         5, "compressed with xz: decompress it first (unxz)"},
        {"BZh", 3, "compressed with bzip2: decompress it first (bunzip2)"},
        {"\x28\xb5\x2f\xfd", 4, "compressed with zstd: decompress it first (unzstd)"},
        {"PK\3\4", 4, "a zip archive: unpack it and give the folder"},
        {"7z\xbc\xaf", 4, "a 7z archive: unpack it and give the folder"},
        {"<!DOC", 5, "a web page: the download went wrong, get it again"},
        {"<html", 5, "a web page: the download went wrong, get it again"},
        {"version https://git-lfs", 23, "a git-lfs pointer: run git lfs pull"},
    };
    for (size_t i = 0; i < sizeof impostors / sizeof *impostors; i++)
        if (!memcmp(block, impostors[i].start, impostors[i].length))
            return error_set(reader->place.error, BAD_INPUT,
                             "%s: a tar archive or a folder is wanted; this is %s",
                             reader->place.path, impostors[i].what);
    return OK;
}

static enum status read_members(struct reader *reader)
{
    for (;;) {
        uint8_t block[TAR_BLOCK] = {0};
        uint64_t left = reader->size - reader->at;
        size_t size = left < TAR_BLOCK ? (size_t)left : TAR_BLOCK;
        enum status status = read_at(reader, block, size, reader->at);
        reader->place.offset = reader->at;
        if (status == OK && reader->at == 0)
            status = refuse_impostor(reader, block);
        if (status != OK)
            return status;
        if (left < TAR_BLOCK)
            return refuse_truncated(reader);
        reader->at += TAR_BLOCK;
        if (tar_block_is_zero(block))
            return check_end(reader);
        status = tar_header_read(&reader->place, block, &reader->header);
        if (status == OK)
            status = take_member(reader);
        if (status != OK)
            return status;
    }
}

enum status listing_of_tar(int descriptor, const char *path, uint64_t size, struct listing *listing,
                           struct error *error)
{
    struct reader reader = {
        .descriptor = descriptor, .size = size, .place = {path, 0, error}, .listing = listing};
    enum status status = read_members(&reader);
    bytes_free(&reader.extension);
    return status;
}
