/* The three layouts of a .pth file that torch.save has written: each finds the storages, reads the
 * pickled state_dict and lists its tensors. A `struct weights_file` that has been opened goes in
 * and comes out with its list filled. */
#ifndef WEIGHTS_PTH_H
#define WEIGHTS_PTH_H

#include "weights/pickle.h"
#include "weights/weights_file.h"

/* 2016 and 2017: a tar archive of sys_info, pickle, tensors and storages. */
enum status pth_tar_list(struct weights_file *file, struct error *error);
/* 2018 to 2020: five pickles in a row, then the storages. */
enum status pth_stream_list(struct weights_file *file, struct error *error);
/* Since 2020: a zip archive of data.pkl and data/KEY. */
enum status pth_zip_list(struct weights_file *file, struct error *error);

/* Used by the three. List the tensors of a state_dict whose storages have been placed: a dict from
 * names to tensors, or a dict that has one under "state_dict". */
enum status pth_list_tensors(struct weights_file *file, const struct value *object,
                             struct error *error);

/* The platform that wrote the file must have been little-endian. */
enum status pth_check_system(const char *path, const struct value *system, struct error *error);

#endif
