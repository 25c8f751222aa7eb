/* What a result's receipt tells of its images. Nothing is owned. */
#ifndef EVAL_SCORE_RECEIPT_H
#define EVAL_SCORE_RECEIPT_H

#include "base/error.h"

/* The numbers of {"images": {"done": n, "total": m}} in a receipt: images predicted, and images in
 * the set. BAD_INPUT: not JSON, or without these. */
enum status score_receipt_read(const char *path, long *done, long *total, struct error *error);

#endif
