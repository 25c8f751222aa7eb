/* The pictures of the demo's ten classes, drawn with integers alone: a split, a class and a number
 * give the same pixels on any machine and with any compiler. Nothing is owned. */
#ifndef DATA_DEMO_PICTURE_H
#define DATA_DEMO_PICTURE_H

#include <stdint.h>

enum { DEMO_CLASSES = 10, DEMO_SIDE = 32, DEMO_PIXEL_BYTES = DEMO_SIDE * DEMO_SIDE * 3 };
enum demo_split { DEMO_TEST, DEMO_TRAIN }; /* the pictures to score on, and to learn from */

/* "disc" to "checker", in the order of the class numbers. */
const char *demo_class_name(int label);

/* Picture `number` (0 and up) of class `label` (0 to 9): rows from top to bottom, RGB interleaved.
 * One figure of the class at a random place, size, turn and colour, with small figures of any
 * class scattered over it, and noise. */
void demo_picture_draw(enum demo_split split, int label, long number,
                       uint8_t pixels[DEMO_PIXEL_BYTES]);

#endif
