#include "data/val.h"

#include <stdint.h>
#include <string.h>

static const uint16_t val_labels[VAL_IMAGES] = {
#include "data/val_labels.inc"
};

int val_number(const char *name)
{
    static const char stem[] = "ILSVRC2012_val_";
    enum { STEM = sizeof stem - 1, DIGITS = 8 };
    if (strncmp(name, stem, STEM))
        return 0;
    int number = 0;
    for (int i = 0; i < DIGITS; i++) {
        char digit = name[STEM + i];
        if (digit < '0' || digit > '9')
            return 0;
        number = 10 * number + (digit - '0');
    }
    return name[STEM + DIGITS] == '.' && number <= VAL_IMAGES ? number : 0;
}

int val_label(int number)
{
    return val_labels[number - 1];
}
