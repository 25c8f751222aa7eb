#include "weights/tar_index.h"

#include "base/file.h"

#include <string.h>

/* POSIX.1-1988's header, which GNU's and pax's extend. */
enum { NAME = 0, NAME_SIZE = 100, SIZE = 124, SIZE_SIZE = 12, CHECKSUM = 148, TYPE = 156 };
enum { MAGIC = 257, PREFIX = 345 };
enum { RECORD = 20 * TAR_BLOCK, MAX_MEMBERS = 100, MAX_EXTENDED = 1 << 16 };

/* Octal digits, perhaps after spaces, ended by a space or a zero; or base 256 after a set bit. */
static bool parse_number(const uint8_t *field, int size, uint64_t *number)
{
    *number = 0;
    if (field[0] & 0x80) {
        for (int i = 0; i < size; i++) {
            uint8_t byte = i == 0 ? field[0] & 0x7f : field[i];
            if (*number >> 55)
                return false;
            *number = *number << 8 | byte;
        }
        return true;
    }
    int at = 0, digits = 0;
    while (at < size && field[at] == ' ')
        at++;
    for (; at < size && field[at] >= '0' && field[at] <= '7'; at++, digits++)
        *number = *number << 3 | (uint64_t)(field[at] - '0');
    for (; at < size; at++)
        if (field[at] != ' ' && field[at] != '\0')
            return false;
    return digits > 0;
}

bool tar_is_header(const uint8_t block[TAR_BLOCK])
{
    uint64_t wanted, sum = 0;
    for (int i = 0; i < TAR_BLOCK; i++)
        sum += i >= CHECKSUM && i < CHECKSUM + 8 ? ' ' : block[i];
    return parse_number(block + CHECKSUM, 8, &wanted) && wanted == sum;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

static enum status refuse(const struct weights_file *file, uint64_t at, const char *what,
                          struct error *error)
{
    return error_set(error, BAD_INPUT, "%s: byte %llu: %s in a tar archive of weights",
                     file->weights.path, (unsigned long long)at, what);
}

/* A pax header before a member gives it times and owners, "LENGTH KEY=VALUE\n" each; PyTorch's have
 * mtime. One that would change a name or size is not for this reader. */
static enum status check_extended(const struct weights_file *file, uint64_t at, uint64_t size,
                                  struct error *error)
{
    static const char *const harmless[] = {
        " mtime=", " atime=", " ctime=", " uid=", " gid=", " uname=", " gname="};
    char text[MAX_EXTENDED + 1];
    if (size > MAX_EXTENDED)
        return refuse(file, at, "there is an extended header of more than 65,536 bytes", error);
    enum status status =
        file_read_at(file->descriptor, file->weights.path, text, (size_t)size, at, error);
    if (status != OK)
        return status;
    text[size] = '\0';
    for (size_t used = 0; used < size;) {
        size_t length = 0, digits = 0;
        while (digits < 6 && text[used + digits] >= '0' && text[used + digits] <= '9')
            length = length * 10 + (size_t)(text[used + digits++] - '0');
        if (length <= digits || length > size - used || text[used + length - 1] != '\n')
            return refuse(file, at, "there is a damaged extended header", error);
        bool known = false;
        for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
            known |= strncmp(text + used + digits, harmless[i], strlen(harmless[i])) == 0;
        if (!known)
            return refuse(file, at, "there is an extended header that PyTorch does not write",
                          error);
        used += length;
    }
    return OK;
}

/* After the last member come two blocks of zeros, and zeros that fill up the last record. */
static enum status check_end(const struct weights_file *file, uint64_t at, struct error *error)
{
    if (file->weights.size - at < 2 * TAR_BLOCK)
        return refuse(
            file, at,
            "one of the two closing blocks is missing: the file is truncated; get it again", error);
    if (file->weights.size % RECORD != 0)
        return refuse(file, file->weights.size,
                      "the last record of 10,240 bytes is not whole: the file is truncated; get it "
                      "again",
                      error);
    uint8_t block[TAR_BLOCK];
    for (uint64_t left = file->weights.size - at; left > 0;) {
        size_t size = left < TAR_BLOCK ? (size_t)left : TAR_BLOCK;
        enum status status =
            file_read_at(file->descriptor, file->weights.path, block, size, at, error);
        if (status != OK)
            return status;
        if (!is_zero(block, size))
            return refuse(file, at, "there are bytes after the end", error);
        at += size;
        left -= size;
    }
    return OK;
}

static enum status note_member(const struct weights_file *file, const uint8_t *header,
                               uint64_t start, uint64_t size, struct tar_member *members, int count,
                               struct error *error)
{
    const char *name = (const char *)header + NAME;
    size_t length = strnlen(name, NAME_SIZE);
    char text[SHOWN_SIZE];
    shown(text, name, length);
    if (memcmp(header + MAGIC, "ustar", 6) == 0 && header[PREFIX])
        length = 0; /* its name goes on in front: none of ours */
    for (int i = 0; i < count; i++) {
        if (strlen(members[i].name) != length || memcmp(members[i].name, name, length) != 0)
            continue;
        if (members[i].found)
            return error_set(error, BAD_INPUT, "%s: byte %llu: member \"%s\" is there twice",
                             file->weights.path, (unsigned long long)(start - TAR_BLOCK), text);
        members[i] = (struct tar_member){members[i].name, true, start, size};
        return OK;
    }
    return error_set(error, BAD_INPUT,
                     "%s: byte %llu: is a tar archive with a member \"%s\", which PyTorch's do not "
                     "have; wanted are %s, %s and so on. Give the .pth file itself",
                     file->weights.path, (unsigned long long)(start - TAR_BLOCK), text,
                     members[0].name, members[1].name);
}

/* The member whose header is at `*at`, which moves on to the next header. */
static enum status index_member(const struct weights_file *file, const uint8_t *header,
                                uint64_t *at, struct tar_member *members, int count,
                                struct error *error)
{
    uint64_t size, start = *at + TAR_BLOCK, left = file->weights.size - start;
    if (!tar_is_header(header) || !parse_number(header + SIZE, SIZE_SIZE, &size))
        return refuse(file, *at, "there is a damaged header", error);
    if (size > left)
        return refuse(file, *at,
                      "a member is longer than what is left: the file is truncated; get "
                      "it again",
                      error);
    uint8_t type = header[TYPE];
    enum status status;
    if (type == 'x')
        status = check_extended(file, start, size, error);
    else if (type == '0' || type == '\0')
        status = note_member(file, header, start, size, members, count, error);
    else
        status = refuse(file, *at, "there is a member that is no regular file", error);
    uint64_t padded = (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
    *at = start + (padded < left ? padded : left);
    return status;
}

enum status tar_index(const struct weights_file *file, struct tar_member *members, int count,
                      struct error *error)
{
    uint8_t header[TAR_BLOCK];
    uint64_t at = 0;
    for (int headers = 0;; headers++) {
        if (file->weights.size - at < TAR_BLOCK)
            return refuse(file, at,
                          "a header or the two closing blocks are missing: the file is "
                          "truncated; get it again",
                          error);
        enum status status =
            file_read_at(file->descriptor, file->weights.path, header, TAR_BLOCK, at, error);
        if (status == OK && is_zero(header, TAR_BLOCK))
            break;
        if (status == OK && headers == MAX_MEMBERS)
            status = refuse(file, at, "there are more than 100 members", error);
        if (status == OK)
            status = index_member(file, header, &at, members, count, error);
        if (status != OK)
            return status;
    }
    for (int i = 0; i < count; i++)
        if (!members[i].found)
            return error_set(error, BAD_INPUT,
                             "%s: is a tar archive without the member \"%s\" that PyTorch's have",
                             file->weights.path, members[i].name);
    return check_end(file, at, error);
}
