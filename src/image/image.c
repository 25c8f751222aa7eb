#include "image/image.h"

#include <stdlib.h>

void image_free(struct image *image)
{
    free(image->pixels);
    *image = (struct image){0};
}

enum status image_reserve(struct image *image, int width, int height, struct error *error)
{
    size_t size = (size_t)width * (size_t)height * 3 + IMAGE_SLACK;
    if (size > image->capacity) {
        image_free(image);
        image->pixels = malloc(size);
        if (!image->pixels)
            return error_memory(error, "a picture");
        image->capacity = size;
    }
    image->width = width;
    image->height = height;
    return OK;
}
