/* Numbers for people to read. The caller owns the buffer. */
#ifndef DATA_GROUPED_H
#define DATA_GROUPED_H

#include <stdint.h>

enum { GROUPED_SIZE = 32 };

/* A number with its digits in groups of three, "50,000". Returns `buffer`. */
const char *grouped(uint64_t number, char buffer[GROUPED_SIZE]);

/* The same with a buffer that lives until the end of the enclosing block. */
#define GROUPED(number) grouped((uint64_t)(number), (char[GROUPED_SIZE]){0})

#endif
