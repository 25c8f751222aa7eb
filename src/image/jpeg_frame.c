#include "image/jpeg_frame.h"

#include <stdbool.h>

/* The marker codes that matter here (ITU-T T.81, table B.1). */
enum { TEM = 0x01, SOF0 = 0xc0, SOF2 = 0xc2, DHT = 0xc4, JPG = 0xc8, DAC = 0xcc, SOF15 = 0xcf };
enum { RST0 = 0xd0, EOI = 0xd9, SOS = 0xda };

static bool is_frame(uint8_t marker)
{
    return marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC;
}

static bool is_alone(uint8_t marker) /* without a length and a body */
{
    return marker == TEM || (marker >= RST0 && marker < EOI);
}

/* The place of the first frame header's marker code; `size` when there is none. Bytes between
 * segments are passed over just as libjpeg does. */
static size_t frame_find(const uint8_t *file, size_t size)
{
    size_t at = 2;
    while (at + 3 < size) {
        uint8_t marker = file[at + 1];
        if (file[at] != 0xff || marker == 0xff)
            at++;
        else if (marker == 0x00 || is_alone(marker))
            at += 2;
        else if (is_frame(marker))
            return at + 1;
        else if (marker == SOS || marker == EOI)
            break;
        else
            at += 2 + (size_t)(file[at + 2] << 8 | file[at + 3]);
    }
    return size;
}

static const char *coding_name(uint8_t marker)
{
    switch (marker & 0x0f) {
    case 3:
        return "lossless";
    case 5:
    case 6:
    case 7:
        return "hierarchical";
    default:
        return "arithmetic-coded";
    }
}

enum status jpeg_frame_check(const uint8_t *file, size_t size, const char *name,
                             struct error *error)
{
    size_t at = frame_find(file, size);
    if (at + 3 >= size)
        return OK;
    if (file[at] > SOF2)
        return error_set(error, BAD_INPUT,
                         "%s: byte %zu: a frame of type %02x, %s JPEG; only baseline and "
                         "progressive JPEG with Huffman codes is read: save it as such",
                         name, at, file[at], coding_name(file[at]));
    if (file[at + 3] != 8)
        return error_set(error, BAD_INPUT,
                         "%s: byte %zu: samples of %d bits; only JPEG of 8 bits is read: save it "
                         "as such",
                         name, at + 3, file[at + 3]);
    return OK;
}
