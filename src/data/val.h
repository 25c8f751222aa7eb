/* ImageNet's 50,000 validation images: their file names and labels. Nothing is owned. */
#ifndef DATA_VAL_H
#define DATA_VAL_H

enum { VAL_IMAGES = 50000, VAL_IMAGES_PER_CLASS = 50 };

/* The number in a file name ILSVRC2012_val_00000001.JPEG (any image extension), 1 to 50,000; 0
 * when `name` is not of that form. */
int val_number(const char *name);

/* The label of validation image `number`, 1 to 50,000. */
int val_label(int number);

#endif
