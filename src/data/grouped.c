#include "data/grouped.h"

#include <stdio.h>

const char *grouped(uint64_t number, char buffer[GROUPED_SIZE])
{
    char digits[GROUPED_SIZE];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    int used = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            buffer[used++] = ',';
        buffer[used++] = digits[i];
    }
    buffer[used] = '\0';
    return buffer;
}
