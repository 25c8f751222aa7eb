/* Where real images and weights lie, which are not part of the project: ../shared/data, or where
 * the environment's BITZOO_SHARED says. */
#ifndef TESTS_SHARED_DATA_H
#define TESTS_SHARED_DATA_H

#include <stdio.h>
#include <stdlib.h>

enum { SHARED_PATH = 512 };

/* The path of a file there, in `path`, which is returned. */
static inline const char *shared_path(char path[SHARED_PATH], const char *name)
{
    const char *folder = getenv("BITZOO_SHARED");
    snprintf(path, SHARED_PATH, "%s/%s", folder ? folder : "../shared/data", name);
    return path;
}

#endif
