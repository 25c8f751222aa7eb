#include "image/decode.h"
#include "image/jpeg_frame.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

enum {
    MAX_SCANS = 100,           /* a progressive picture needs about ten */
    ROWS = 8,                  /* asked for at once */
    SMOOTHED_COEFFICIENTS = 10 /* that libjpeg-turbo guesses where a progressive file lacks them */
};

/* libjpeg reports a failure by a call that must not return, hence the jump, from
 * jpeg_reader_fail to jpeg_reader_run; nothing between the two owns memory but libjpeg's pools. */
struct jpeg_reader {
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr callbacks;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    enum status status; /* of the failure that caused the jump */
    size_t size;
    const char *name;
    struct error *error;
};

static size_t jpeg_reader_place(const struct jpeg_reader *reader)
{
    return reader->info.src ? reader->size - reader->info.src->bytes_in_buffer : 0;
}

static _Noreturn void jpeg_reader_fail(j_common_ptr info)
{
    struct jpeg_reader *reader = info->client_data;
    char text[JMSG_LENGTH_MAX];
    info->err->format_message(info, text);
    if (info->err->msg_code == JERR_OUT_OF_MEMORY)
        reader->status = error_memory(reader->error, "decoding a JPEG picture");
    else if (info->err->msg_code == JWRN_JPEG_EOF)
        reader->status = error_set(reader->error, BAD_INPUT,
                                   "%s: ends at byte %zu before the picture is complete; the file "
                                   "is truncated: get it again",
                                   reader->name, reader->size);
    else
        reader->status = error_set(reader->error, BAD_INPUT,
                                   "%s: near byte %zu: libjpeg says \"%s\"; the JPEG data is "
                                   "damaged: get the file again",
                                   reader->name, jpeg_reader_place(reader), text);
    longjmp(reader->escape, 1);
}

/* Warnings after which every decoder must still give the same pixels. doc/preprocessing.md lists
 * them. */
static bool jpeg_reader_is_harmless(const struct jpeg_error_mgr *warning)
{
    switch (warning->msg_code) {
    case JWRN_JFIF_MAJOR:     /* a version number of JFIF that does not exist */
    case JWRN_NOT_SEQUENTIAL: /* progressive parameters in a sequential file, where none apply */
        return true;
    case JWRN_EXTRANEOUS_DATA: /* bytes that no code needs; not inside the coded data */
        return warning->msg_parm.i[1] < JPEG_RST0 || warning->msg_parm.i[1] > JPEG_RST0 + 7;
    default:
        return false;
    }
}

static void jpeg_reader_message(j_common_ptr info, int level)
{
    if (level < 0 && !jpeg_reader_is_harmless(info->err))
        jpeg_reader_fail(info);
}

/* Called by libjpeg once a row of blocks: each further scan goes over the whole picture again. */
static void jpeg_reader_limit_scans(j_common_ptr info)
{
    struct jpeg_reader *reader = info->client_data;
    if (reader->info.input_scan_number <= MAX_SCANS)
        return;
    reader->status = error_set(reader->error, BAD_INPUT,
                               "%s: byte %zu: more than %d scans; no picture needs that many: save "
                               "it anew",
                               reader->name, jpeg_reader_place(reader), MAX_SCANS);
    longjmp(reader->escape, 1);
}

/* How many of a component's first coefficients lack bits. Where a progressive file leaves out
 * detail libjpeg-turbo guesses it from the blocks around, and its releases guess differently. */
static int jpeg_reader_missing(const struct jpeg_decompress_struct *info, int component)
{
    if (!info->comp_info[component].quant_table)
        return SMOOTHED_COEFFICIENTS; /* no scan had this component */
    int missing = 0;
    for (int i = 0; info->progressive_mode && i < SMOOTHED_COEFFICIENTS; i++)
        missing += info->coef_bits[component][i] != 0;
    return missing;
}

static enum status jpeg_reader_check_complete(struct jpeg_reader *reader)
{
    for (int i = 0; i < reader->info.num_components; i++)
        if (jpeg_reader_missing(&reader->info, i) > 0)
            return error_set(reader->error, BAD_INPUT,
                             "%s: its scans leave out detail of colour component %d; the file was "
                             "cut and closed again: get it again",
                             reader->name, i + 1);
    return OK;
}

/* Pillow's: the integer DCT, triangle upsampling, and no colour profile. */
static void jpeg_reader_set_output(struct jpeg_decompress_struct *info)
{
    info->dct_method = JDCT_ISLOW;
    info->do_fancy_upsampling = TRUE;
    info->do_block_smoothing = TRUE;
    info->out_color_space = info->num_components == 4 ? JCS_CMYK : JCS_RGB;
}

static uint8_t multiply_divide_255(int a, int b)
{
    int product = a * b + 128;
    return (uint8_t)(((product >> 8) + product) >> 8);
}

/* Pillow takes every CMYK file for an inverted one, as Adobe writes them, and multiplies. */
static void cmyk_to_rgb(const uint8_t *cmyk, uint8_t *rgb, int width)
{
    for (int x = 0; x < width; x++, cmyk += 4, rgb += 3)
        for (int c = 0; c < 3; c++)
            rgb[c] = (uint8_t)(cmyk[3] - multiply_divide_255(255 - cmyk[c], cmyk[3]));
}

static void jpeg_reader_cmyk(struct jpeg_decompress_struct *info, struct image *image)
{
    JSAMPARRAY row =
        info->mem->alloc_sarray((j_common_ptr)info, JPOOL_IMAGE, info->output_width * 4, 1);
    while (info->output_scanline < info->output_height) {
        size_t y = info->output_scanline;
        jpeg_read_scanlines(info, row, 1);
        cmyk_to_rgb(row[0], image->pixels + y * (size_t)image->width * 3, image->width);
    }
}

static void jpeg_reader_rgb(struct jpeg_decompress_struct *info, struct image *image)
{
    while (info->output_scanline < info->output_height) {
        JSAMPROW rows[ROWS];
        JDIMENSION left = info->output_height - info->output_scanline;
        JDIMENSION count = left < ROWS ? left : ROWS;
        for (JDIMENSION i = 0; i < count; i++)
            rows[i] =
                image->pixels + (size_t)(info->output_scanline + i) * (size_t)image->width * 3;
        jpeg_read_scanlines(info, rows, count);
    }
}

static enum status jpeg_reader_read(struct jpeg_reader *reader, struct image *image,
                                    const uint8_t *file)
{
    struct jpeg_decompress_struct *info = &reader->info;
    jpeg_create_decompress(info);
    info->progress = &reader->progress;
    jpeg_mem_src(info, file, reader->size);
    jpeg_read_header(info, TRUE);
    enum status status =
        decode_check_size(info->image_width, info->image_height, reader->name, reader->error);
    if (status == OK && info->num_components == 2)
        status = error_set(reader->error, BAD_INPUT,
                           "%s: has 2 colour components; 1, 3 or 4 are read: save it as RGB",
                           reader->name);
    if (status == OK)
        status =
            image_reserve(image, (int)info->image_width, (int)info->image_height, reader->error);
    if (status != OK)
        return status;
    jpeg_reader_set_output(info);
    jpeg_start_decompress(info);
    status = jpeg_reader_check_complete(reader);
    if (status != OK)
        return status;
    if (info->out_color_space == JCS_CMYK)
        jpeg_reader_cmyk(info, image);
    else
        jpeg_reader_rgb(info, image);
    jpeg_finish_decompress(info);
    return OK;
}

/* In a function of its own, so that the jump finds no changed local variable here. */
static void jpeg_reader_run(struct jpeg_reader *reader, struct image *image, const uint8_t *file)
{
    if (setjmp(reader->escape) == 0)
        reader->status = jpeg_reader_read(reader, image, file);
    jpeg_destroy_decompress(&reader->info);
}

enum status jpeg_reader_decode(struct image *image, const uint8_t *file, size_t size,
                               const char *name, struct error *error)
{
    enum status status = jpeg_frame_check(file, size, name, error);
    if (status != OK)
        return status;
    struct jpeg_reader reader = {.size = size, .name = name, .error = error};
    reader.info.err = jpeg_std_error(&reader.callbacks);
    reader.info.client_data = &reader;
    reader.callbacks.error_exit = jpeg_reader_fail;
    reader.callbacks.emit_message = jpeg_reader_message;
    reader.progress.progress_monitor = jpeg_reader_limit_scans;
    jpeg_reader_run(&reader, image, file);
    return reader.status;
}
