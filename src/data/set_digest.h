/* The digest of a validation set, out of its images' labels and digests. The same for a folder, a
 * tar and a flat archive of the same images. The caller begins and ends the struct digest. */
#ifndef DATA_SET_DIGEST_H
#define DATA_SET_DIGEST_H

#include "base/digest.h"

/* The next image, in the set's order: 36 bytes, which are the label (4 bytes, little-endian) and a
 * SHA-256, of the whole file or of its pixel-bearing bytes (data/picture.h). */
void set_digest_add(struct digest *set, int label, const uint8_t image[DIGEST_SIZE]);

#endif
