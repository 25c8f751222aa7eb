/* Paths in JSON, which is UTF-8, while a path may be any bytes. */
#ifndef CLI_JSON_PATH_H
#define CLI_JSON_PATH_H

#include <jansson.h>

/* The path as a new string, other bytes than UTF-8 as \xNN; JSON's null for NULL. NULL when memory
 * runs out. */
json_t *json_path(const char *path);

#endif
