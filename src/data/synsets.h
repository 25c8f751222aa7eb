/* ImageNet's 1,000 classes and the labels of its validation images. Constant tables in the
 * program; nothing is owned. */
#ifndef DATA_SYNSETS_H
#define DATA_SYNSETS_H

enum { SYNSETS = 1000, VAL_IMAGES = 50000, VAL_IMAGES_PER_CLASS = 50 };

/* Synsets ("n01440764") and English names ("tench") by label; names are not unique. */
extern const char *const synset_ids[SYNSETS];
extern const char *const synset_names[SYNSETS];

/* The label of a synset, -1 when it is not one of the 1,000. */
int synset_find(const char *id);

/* The number in a file name ILSVRC2012_val_00000001.JPEG (any image extension), 1 to 50,000; 0
 * when `name` is not of that form. */
int val_number(const char *name);

/* The label of validation image `number`, 1 to 50,000. */
int val_label(int number);

#endif
