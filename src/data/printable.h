/* Names from strangers' archives and folders, made safe to print. The caller owns the buffer. */
#ifndef DATA_PRINTABLE_H
#define DATA_PRINTABLE_H

enum { PRINTABLE_SIZE = 240 };

/* `name` in `buffer`: control characters and bytes that are not UTF-8 become \xNN, and the middle
 * of a long name becomes "...". Returns `buffer`. */
const char *printable(const char *name, char buffer[PRINTABLE_SIZE]);

/* The same with a buffer that lives until the end of the enclosing block. */
#define PRINTABLE(name) printable((name), (char[PRINTABLE_SIZE]){0})

#endif
