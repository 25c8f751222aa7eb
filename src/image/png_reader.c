#include "image/decode.h"

#include <png.h>
#include <string.h>

/* libpng reports a failure by a call that must not return, hence the jump, from png_reader_fail to
 * png_reader_run; nothing between the two owns memory but libpng's own structs. */
struct png_reader {
    png_structp png;
    png_infop info;
    const uint8_t *file;
    size_t size, at;
    enum status status; /* of the failure that caused the jump */
    const char *name;
    struct error *error;
};

enum { SIGNATURE = 8, CHUNK = 12 }; /* a chunk's length, type and checksum */

static _Noreturn void png_reader_fail(png_structp png, png_const_charp text)
{
    struct png_reader *reader = png_get_error_ptr(png);
    reader->status = error_set(reader->error, BAD_INPUT,
                               "%s: near byte %zu: libpng says \"%s\"; the PNG data is damaged: "
                               "get the file again",
                               reader->name, reader->at, text);
    png_longjmp(png, 1);
}

static void png_reader_take(png_structp png, png_bytep to, size_t count)
{
    struct png_reader *reader = png_get_io_ptr(png);
    if (count > reader->size - reader->at)
        png_error(png, "the file ends here");
    memcpy(to, reader->file + reader->at, count);
    reader->at += count;
}

static uint32_t big_endian_32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Every chunk up to the last must be there, and the picture must not be an animation, which
 * Pillow composes from frames. */
static enum status png_reader_check_chunks(const uint8_t *file, size_t size, const char *name,
                                           struct error *error)
{
    for (size_t at = SIGNATURE; size - at >= CHUNK;) {
        size_t length = big_endian_32(file + at);
        const uint8_t *type = file + at + 4;
        if (length > size - at - CHUNK)
            break;
        if (memcmp(type, "acTL", 4) == 0)
            return error_set(error, BAD_INPUT,
                             "%s: byte %zu: an animated PNG; only a single picture is read: save "
                             "the wanted frame as PNG",
                             name, at);
        if (memcmp(type, "IEND", 4) == 0)
            return OK;
        at += CHUNK + length;
    }
    return error_set(error, BAD_INPUT,
                     "%s: ends at byte %zu before its closing IEND chunk; the file is truncated: "
                     "get it again",
                     name, size);
}

/* Samples as png_reader_expand takes them: palette indices of 8 bits, gray of 16 bits, or RGB of 8
 * bits as Pillow makes it: the high byte of 16, alpha and colour profile ignored. */
static void png_reader_set_output(png_structp png, png_infop info)
{
    int colour = png_get_color_type(png, info);
    png_set_packing(png);
    if (colour == PNG_COLOR_TYPE_PALETTE ||
        (colour == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png, info) == 16))
        return;
    png_set_expand_gray_1_2_4_to_8(png);
    png_set_strip_16(png);
    png_set_strip_alpha(png);
    png_set_gray_to_rgb(png);
}

static void png_reader_rows(struct png_reader *reader, struct image *image)
{
    int passes = png_set_interlace_handling(reader->png);
    png_read_update_info(reader->png, reader->info);
    size_t row = png_get_rowbytes(reader->png, reader->info);
    for (int pass = 0; pass < passes; pass++)
        for (size_t y = 0; y < (size_t)image->height; y++)
            png_read_row(reader->png, image->pixels + y * row, NULL);
    png_read_end(reader->png, NULL);
}

/* In place, from the last pixel back, since three bytes take the room of one. */
static enum status png_reader_expand_palette(struct png_reader *reader, struct image *image)
{
    png_colorp palette = NULL;
    int colours = 0;
    png_get_PLTE(reader->png, reader->info, &palette, &colours);
    for (size_t i = (size_t)image->width * (size_t)image->height; i-- > 0;) {
        uint8_t index = image->pixels[i];
        if (index >= colours)
            return error_set(reader->error, BAD_INPUT,
                             "%s: pixel %zu has colour %d of a palette of %d; the PNG data is "
                             "damaged: get the file again",
                             reader->name, i, index, colours);
        image->pixels[3 * i] = palette[index].red;
        image->pixels[3 * i + 1] = palette[index].green;
        image->pixels[3 * i + 2] = palette[index].blue;
    }
    return OK;
}

/* Pillow clips 16-bit gray to 255 where it takes the high byte of 16-bit RGB. */
static void png_reader_expand_gray_16(struct image *image)
{
    for (size_t i = (size_t)image->width * (size_t)image->height; i-- > 0;) {
        const uint8_t *sample = image->pixels + 2 * i;
        memset(image->pixels + 3 * i, sample[0] ? 255 : sample[1], 3);
    }
}

static enum status png_reader_read(struct png_reader *reader, struct image *image)
{
    png_structp png = reader->png;
    png_set_user_limits(png, IMAGE_MAX_SIDE, IMAGE_MAX_SIDE);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_read_fn(png, reader, png_reader_take);
    png_read_info(png, reader->info);
    png_uint_32 width = png_get_image_width(png, reader->info);
    png_uint_32 height = png_get_image_height(png, reader->info);
    int colour = png_get_color_type(png, reader->info);
    enum status status = decode_check_size(width, height, reader->name, reader->error);
    if (status == OK)
        status = image_reserve(image, (int)width, (int)height, reader->error);
    if (status != OK)
        return status;
    png_reader_set_output(png, reader->info);
    png_reader_rows(reader, image);
    if (colour == PNG_COLOR_TYPE_PALETTE)
        return png_reader_expand_palette(reader, image);
    if (png_get_channels(png, reader->info) == 1)
        png_reader_expand_gray_16(image);
    return OK;
}

/* In a function of its own, so that the jump finds no changed local variable here. */
static void png_reader_run(struct png_reader *reader, struct image *image)
{
    if (setjmp(png_jmpbuf(reader->png)) == 0)
        reader->status = png_reader_read(reader, image);
}

enum status png_reader_decode(struct image *image, const uint8_t *file, size_t size,
                              const char *name, struct error *error)
{
    enum status status = png_reader_check_chunks(file, size, name, error);
    if (status != OK)
        return status;
    struct png_reader reader = {.file = file, .size = size, .name = name, .error = error};
    reader.png =
        png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, png_reader_fail, png_reader_fail);
    reader.info = reader.png ? png_create_info_struct(reader.png) : NULL;
    if (reader.info)
        png_reader_run(&reader, image);
    else
        reader.status = error_memory(error, "decoding a PNG picture");
    png_destroy_read_struct(&reader.png, &reader.info, NULL);
    return reader.status;
}
