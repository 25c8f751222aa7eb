#include "data/synsets.h"

#include <stdint.h>
#include <string.h>

#define SYNSET(id, name) id,
const char *const synset_ids[SYNSETS] = {
#include "data/synsets.inc"
};
#undef SYNSET

#define SYNSET(id, name) name,
const char *const synset_names[SYNSETS] = {
#include "data/synsets.inc"
};
#undef SYNSET

static const uint16_t val_labels[VAL_IMAGES] = {
#include "data/val_labels.inc"
};

int synset_find(const char *id)
{
    int first = 0, end = SYNSETS;
    while (first < end) {
        int middle = first + (end - first) / 2;
        int order = strcmp(id, synset_ids[middle]);
        if (order == 0)
            return middle;
        if (order < 0)
            end = middle;
        else
            first = middle + 1;
    }
    return -1;
}

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
