/* How `bitzoo prep` prints a description. Nothing is owned. */
#ifndef CLI_PREP_PRINT_H
#define CLI_PREP_PRINT_H

#include "eval/describe.h"

/* On standard output; `extracted` is the folder that was made of the set, or NULL. */
void prep_print_text(const struct description *description, const char *extracted);
enum status prep_print_json(const struct description *description, const char *extracted,
                            struct error *error);

#endif
