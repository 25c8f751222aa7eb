#include "data/demo_jpeg.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

enum { QUALITY = 90 };

/* libjpeg reports a failure by calling error_exit, which must not return. */
struct encoder {
    struct jpeg_error_mgr manager; /* first: libjpeg knows the encoder by it */
    struct jpeg_compress_struct jpeg;
    jmp_buf failed;
    unsigned char *out; /* libjpeg's own buffer */
    unsigned long size;
};

static void encoder_fail(j_common_ptr jpeg)
{
    longjmp(((struct encoder *)jpeg->err)->failed, 1);
}

/* False where libjpeg gives up. */
static bool encoder_run(struct encoder *encoder, const uint8_t *pixels)
{
    struct jpeg_compress_struct *jpeg = &encoder->jpeg;
    if (setjmp(encoder->failed))
        return false;
    jpeg_create_compress(jpeg);
    jpeg_mem_dest(jpeg, &encoder->out, &encoder->size);
    jpeg->image_width = jpeg->image_height = DEMO_SIDE;
    jpeg->input_components = 3;
    jpeg->in_color_space = JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, QUALITY, TRUE);
    jpeg->dct_method = JDCT_ISLOW;
    jpeg_start_compress(jpeg, TRUE);
    while (jpeg->next_scanline < jpeg->image_height) {
        JSAMPROW row = (JSAMPROW)pixels + jpeg->next_scanline * DEMO_SIDE * 3;
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
    return true;
}

enum status demo_jpeg_encode(const uint8_t pixels[DEMO_PIXEL_BYTES], struct bytes *file,
                             struct error *error)
{
    struct encoder encoder = {0};
    encoder.jpeg.err = jpeg_std_error(&encoder.manager);
    encoder.manager.error_exit = encoder_fail;
    enum status status = OK;
    if (!encoder_run(&encoder, pixels)) {
        char text[JMSG_LENGTH_MAX];
        encoder.manager.format_message((j_common_ptr)&encoder.jpeg, text);
        status = error_set(error, NO_MEMORY, "a picture of the demo: libjpeg: %s", text);
    }
    jpeg_destroy_compress(&encoder.jpeg);
    if (status == OK)
        status = bytes_reserve(file, encoder.size, error);
    if (status == OK) {
        memcpy(file->data, encoder.out, encoder.size);
        file->size = encoder.size;
    }
    free(encoder.out);
    return status;
}
