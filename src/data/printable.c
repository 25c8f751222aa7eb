#include "data/printable.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

size_t printable_length(const char *start)
{
    const unsigned char *text = (const unsigned char *)start;
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (text[0] < 0x80)
        return text[0] >= ' ' && text[0] != 0x7f;
    size_t length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
    if (text[0] < 0xc0 || text[0] > 0xf7)
        return 0;
    uint32_t code = text[0] & (0x7f >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    if (code < smallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    return code < 0xa0 ? 0 : length;
}

/* Escape from `*name` on into `to` while fewer than `room` bytes are used. Returns how many are,
 * and moves `*name` to what did not fit. */
static size_t escape(const unsigned char **name, char *to, size_t room)
{
    size_t used = 0;
    while (**name) {
        char hex[sizeof "\\xNN"];
        size_t taken = printable_length((const char *)*name), need = taken;
        const void *shown = *name;
        if (taken == 0) {
            need = (size_t)sprintf(hex, "\\x%02x", **name);
            shown = hex;
            taken = 1;
        }
        if (need > room - used)
            break;
        memcpy(to + used, shown, need);
        used += need;
        *name += taken;
    }
    return used;
}

const char *printable(const char *name, char buffer[PRINTABLE_SIZE])
{
    enum { TAIL = 60, HEAD = PRINTABLE_SIZE - 1 - TAIL - 3 };
    const unsigned char *rest = (const unsigned char *)name;
    size_t used = escape(&rest, buffer, HEAD);
    if (strlen((const char *)rest) > TAIL / 4) {
        memcpy(buffer + used, "...", 3);
        used += 3;
        rest += strlen((const char *)rest) - TAIL / 4;
        while ((*rest & 0xc0) == 0x80) /* not in the middle of a character */
            rest++;
    }
    used += escape(&rest, buffer + used, PRINTABLE_SIZE - 1 - used);
    buffer[used] = '\0';
    return buffer;
}
