#include "data/set_digest.h"

void set_digest_add(struct digest *set, int label, const uint8_t image[DIGEST_SIZE])
{
    uint8_t bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(label >> 8 * i);
    digest_add(set, bytes, sizeof bytes);
    digest_add(set, image, DIGEST_SIZE);
}
