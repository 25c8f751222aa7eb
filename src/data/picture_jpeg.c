#include "data/picture_parts.h"
#include "image/decode.h"
#include "image/jpeg_frame.h"

#include <string.h>

/* Marker codes: ITU-T T.81, table B.1. */
enum {
    TEM = 0x01,
    SOF0 = 0xc0,
    SOF2 = 0xc2,
    RST0 = 0xd0,
    RST7 = 0xd7,
    SOI = 0xd8,
    EOI = 0xd9,
    SOS = 0xda,
    DQT = 0xdb,
    APP0 = 0xe0,
    APP14 = 0xee,
    APP15 = 0xef,
    COM = 0xfe
};
enum { NO_ADOBE = -1 };

struct walk {
    const uint8_t *file;
    size_t size, at;
    const char *name;
    struct picture *picture;
    struct digest *pixels;
    struct error *error;
    int components;
    uint8_t ids[4]; /* of the components */
    bool jfif, scans;
    int adobe; /* the transform that an Adobe segment names */
};

static enum status refuse_cut(const struct walk *walk)
{
    return error_set(walk->error, BAD_INPUT,
                     "%s: ends at byte %zu without the marker that ends a JPEG file (ff d9); the "
                     "file is truncated: get it again",
                     walk->name, walk->size);
}

/* FNV-1a, to tell sets of tables apart. */
static uint64_t hash_tables(uint64_t hash, const uint8_t *bytes, size_t size)
{
    hash = hash ? hash : 14695981039346656037u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

/* The first frame header's precision, height, width and components. */
static void read_frame(struct walk *walk, uint8_t marker, const uint8_t *body, size_t size)
{
    if (size < 6 || walk->components)
        return;
    walk->picture->progressive = marker == SOF2;
    walk->picture->height = body[1] << 8 | body[2];
    walk->picture->width = body[3] << 8 | body[4];
    walk->components = body[5];
    for (size_t i = 0; i < 4 && i < body[5] && 6 + 3 * i < size; i++)
        walk->ids[i] = body[6 + 3 * i];
}

/* The two application segments that libjpeg looks at, both before the first scan. */
static void read_application(struct walk *walk, uint8_t marker, const uint8_t *body, size_t size)
{
    if (marker == APP0 && size >= 14 && !memcmp(body, "JFIF", 5))
        walk->jfif = true;
    if (marker == APP14 && size >= 12 && !memcmp(body, "Adobe", 5))
        walk->adobe = body[11];
}

/* A segment with a length; `at` stands on its 0xff and moves behind it. */
static enum status read_segment(struct walk *walk, uint8_t marker)
{
    const uint8_t *start = walk->file + walk->at;
    size_t left = walk->size - walk->at;
    size_t length = left >= 4 ? (size_t)(start[2] << 8 | start[3]) : 0;
    if (left < 4 || length + 2 > left)
        return refuse_cut(walk);
    if (length < 2)
        return error_set(walk->error, BAD_INPUT,
                         "%s: byte %zu: a segment of %zu bytes, which must have at least 2; the "
                         "JPEG data is damaged: get the file again",
                         walk->name, walk->at, length);
    const uint8_t *body = start + 4;
    if (marker >= SOF0 && marker <= SOF2)
        read_frame(walk, marker, body, length - 2);
    if (marker == DQT)
        walk->picture->tables = hash_tables(walk->picture->tables, body, length - 2);
    if (!walk->scans)
        read_application(walk, marker, body, length - 2);
    if (!(marker >= APP0 && marker <= APP15) && marker != COM)
        digest_add(walk->pixels, start, length + 2);
    walk->at += length + 2;
    return OK;
}

/* The coded data behind a scan's header: up to a marker that is not a restart. */
static void read_scan(struct walk *walk)
{
    size_t start = walk->at, at = start;
    while (at < walk->size) {
        const uint8_t *found = memchr(walk->file + at, 0xff, walk->size - at);
        size_t marker = found ? (size_t)(found - walk->file) : walk->size, code = marker;
        while (code < walk->size && walk->file[code] == 0xff)
            code++;
        at = marker;
        if (code == walk->size)
            break;
        uint8_t byte = walk->file[code];
        if (byte != 0x00 && !(byte >= RST0 && byte <= RST7))
            break;
        at = code + 1;
    }
    digest_add(walk->pixels, walk->file + start, at - start);
    walk->scans = true;
    walk->at = at;
}

/* The colour space that libjpeg-turbo (2.1, jdapimin.c) finds in the headers, as a letter. */
static char colour_space(const struct walk *walk)
{
    switch (walk->components) {
    case 1:
        return 'G';
    case 3:
        if (!walk->jfif && walk->adobe != NO_ADOBE)
            return walk->adobe == 0 ? 'R' : 'Y';
        return !walk->jfif && !memcmp(walk->ids, "RGB", 3) ? 'R' : 'Y';
    case 4:
        return walk->adobe == NO_ADOBE || walk->adobe == 0 ? 'C' : 'K';
    default:
        return '?';
    }
}

static enum status finish(struct walk *walk)
{
    struct picture *picture = walk->picture;
    char letter = colour_space(walk);
    digest_add(walk->pixels, &letter, 1);
    picture->colour = letter == 'G'                    ? COLOUR_GRAY
                      : letter == 'C' || letter == 'K' ? COLOUR_CMYK
                                                       : COLOUR_RGB;
    if (!walk->scans || letter == '?')
        return error_set(walk->error, BAD_INPUT,
                         "%s: %s; the JPEG data is damaged or of an unusual kind: save it as RGB",
                         walk->name,
                         walk->scans ? "its colour components are not 1, 3 or 4" : "has no scan");
    return decode_check_size((uint64_t)picture->width, (uint64_t)picture->height, walk->name,
                             walk->error);
}

/* Bytes that are no marker between segments are passed over, as libjpeg does. */
static enum status walk_segments(struct walk *walk)
{
    enum status status = OK;
    while (status == OK) {
        if (walk->size - walk->at < 2)
            return refuse_cut(walk);
        uint8_t marker = walk->file[walk->at + 1];
        if (walk->file[walk->at] != 0xff || marker == 0xff) {
            walk->at++;
        } else if (marker == EOI) {
            digest_add(walk->pixels, walk->file + walk->at, 2);
            return finish(walk);
        } else if (marker == 0x00 || marker == TEM || (marker >= RST0 && marker <= SOI)) {
            walk->at += 2;
        } else {
            status = read_segment(walk, marker);
            if (status == OK && marker == SOS)
                read_scan(walk);
        }
    }
    return status;
}

enum status picture_jpeg(const uint8_t *file, size_t size, const char *name,
                         struct picture *picture, struct digest *pixels, struct error *error)
{
    struct walk walk = {.file = file,
                        .size = size,
                        .at = 2,
                        .name = name,
                        .picture = picture,
                        .pixels = pixels,
                        .error = error,
                        .adobe = NO_ADOBE};
    picture->format = PICTURE_JPEG;
    enum status status = jpeg_frame_check(file, size, name, error);
    return status == OK ? walk_segments(&walk) : status;
}
