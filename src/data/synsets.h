/* ImageNet's 1,000 classes. Constant tables in the program; nothing is owned. */
#ifndef DATA_SYNSETS_H
#define DATA_SYNSETS_H

enum { SYNSETS = 1000 };

/* Synsets ("n01440764") and English names ("tench") by label; names are not unique. */
extern const char *const synset_ids[SYNSETS];
extern const char *const synset_names[SYNSETS];

/* The label of a synset, -1 when it is not one of the 1,000. */
int synset_find(const char *id);

#endif
