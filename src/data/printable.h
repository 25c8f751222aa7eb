/* Names from strangers' archives and folders, made safe to print, and numbers, made easy to read.
 * The caller owns the buffers. */
#ifndef DATA_PRINTABLE_H
#define DATA_PRINTABLE_H

#include <stdint.h>

enum { PRINTABLE_SIZE = 240, GROUPED_SIZE = 32 };

/* `name` in `buffer`: control characters and bytes that are not UTF-8 become \xNN, and the middle
 * of a long name becomes "...". Returns `buffer`. */
const char *printable(const char *name, char buffer[PRINTABLE_SIZE]);

/* The same with a buffer that lives until the end of the enclosing block. */
#define PRINTABLE(name) printable((name), (char[PRINTABLE_SIZE]){0})

/* A number with its digits in groups of three, "50,000". Returns `buffer`. */
const char *grouped(uint64_t number, char buffer[GROUPED_SIZE]);
#define GROUPED(number) grouped((uint64_t)(number), (char[GROUPED_SIZE]){0})

#endif
