/* The files of the folder demo/ that the program carries with it, so that the demo needs neither
 * its source nor a network: constants, made from the files by tools/embed.py at build time. */
#ifndef CLI_DEMO_FILES_H
#define CLI_DEMO_FILES_H

#include <stddef.h>

struct demo_file {
    const char *name; /* article.pth, article.h5, pytorch.json, keras.json */
    const unsigned char *bytes;
    size_t size;
};

/* Ends with a NULL name. */
extern const struct demo_file demo_files[];

#endif
