#include "data/synsets.h"

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
