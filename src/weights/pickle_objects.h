/* The objects that a pickle may construct: an allowlist. Everything lives in the pickle's arena. */
#ifndef WEIGHTS_PICKLE_OBJECTS_H
#define WEIGHTS_PICKLE_OBJECTS_H

#include "weights/pickle.h"

/* Each gives a value for what an opcode at byte `at` asks for, or refuses it with BAD_INPUT. */
enum status objects_global(struct pickle *pickle, size_t at, const char *module,
                           size_t module_length, const char *name, size_t name_length,
                           struct value **result, struct error *error);
enum status objects_make(struct pickle *pickle, size_t at, const struct value *callable,
                         const struct value *arguments, struct value **result, struct error *error);
enum status objects_build(const struct pickle *pickle, size_t at, struct value *object,
                          const struct value *state, struct error *error);
enum status objects_persistent(struct pickle *pickle, size_t at, const struct value *id,
                               struct value **result, struct error *error);

/* The element type of torch.FloatStorage, torch.FloatTensor and their kin. */
bool objects_dtype(const struct value *global, enum dtype *dtype);

#endif
