/* The judgement of a description: is it ImageNet's validation set, is it whole, has it been
 * shrunk? Fills in the description's last part; what it adds is in the description's arena. */
#ifndef EVAL_JUDGE_H
#define EVAL_JUDGE_H

#include "eval/describe.h"

/* Sets validation, complete and warnings from all the other members. */
enum status judge(struct description *description, struct error *error);

#endif
