/* Names from strangers' archives and folders, made safe to print. The caller owns the buffer. */
#ifndef DATA_PRINTABLE_H
#define DATA_PRINTABLE_H

#include <stddef.h>

enum { PRINTABLE_SIZE = 240 };

/* Bytes of the printable UTF-8 character at `text`; 0 when there is none: a control character
 * (U+0000 to U+001F, U+007F to U+009F) or a byte sequence that is not UTF-8. */
size_t printable_length(const char *text);

/* `name` in `buffer`: control characters and bytes that are not UTF-8 become \xNN, and the middle
 * of a long name becomes "...". Returns `buffer`. */
const char *printable(const char *name, char buffer[PRINTABLE_SIZE]);

/* The same with a buffer that lives until the end of the enclosing block. */
#define PRINTABLE(name) printable((name), (char[PRINTABLE_SIZE]){0})

#endif
