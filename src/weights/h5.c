#include "weights/h5.h"

#include "base/file.h"
#include "weights/dtype.h"
#include "weights/h5_child.h"
#include "weights/h5_name.h"
#include "weights/h5_record.h"
#include "weights/little_endian.h"
#include "weights/sandbox.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Weights hardly compress: together they may take 4 times the file's size and 16 MiB. The library
 * may need 256 MiB beside them, 5 seconds of computing and 8 in all, and more for a large file. */
enum { EXPANSION = 4, MARGIN = 16 << 20, LIBRARY_MEMORY = 256 << 20 };
enum { CPU_SECONDS = 5, BYTES_PER_CPU_SECOND = 32 << 20 };
enum { WALL_SECONDS = 8, BYTES_PER_WALL_SECOND = 16 << 20 };
enum { SUPERBLOCK_SIZE = 64, ADDRESS_SIZE = 8 };

/* The file's superblock says where it ends. */
static enum status check_end(const struct weights_file *file, struct error *error)
{
    uint8_t block[SUPERBLOCK_SIZE] = {0};
    uint64_t size = file->weights.size;
    size_t there = size < sizeof block ? (size_t)size : sizeof block;
    enum status status = file_read_at(file->descriptor, file->weights.path, block, there, 0, error);
    if (status != OK)
        return status;
    static const struct {
        int size_at, end_at;
    } versions[] = {{13, 40}, {13, 44}, {9, 28}, {9, 28}};
    uint8_t version = block[8];
    if (version > 3 || block[versions[version].size_at] != ADDRESS_SIZE)
        return OK; /* the library knows what to say */
    uint64_t end = le64(block + versions[version].end_at);
    if (end > size)
        return error_set(error, BAD_INPUT,
                         "%s: ends at byte %llu, but its own header says at %llu; the file is "
                         "truncated: get it again",
                         file->weights.path, (unsigned long long)size, (unsigned long long)end);
    if (end < size)
        return error_set(error, BAD_INPUT,
                         "%s: byte %llu: the file ends here by its own header, but %llu more bytes "
                         "follow",
                         file->weights.path, (unsigned long long)end,
                         (unsigned long long)(size - end));
    return OK;
}

static enum status describe_end(const struct weights_file *file, const struct sandbox *sandbox,
                                enum sandbox_end end, int signal, struct error *error)
{
    const char *path = file->weights.path;
    if (end == SANDBOX_TIMEOUT || signal == SIGXCPU)
        return error_set(error, BAD_INPUT,
                         "%s: the HDF5 library did not finish with it in time (%d seconds, %d of "
                         "computing); the file is damaged: get it again",
                         path, sandbox->wall_seconds, sandbox->cpu_seconds);
    if (end == SANDBOX_KILLED && signal == SIGXFSZ)
        return error_set(error, IO_FAILED,
                         "%s: its tensors take more than the largest file that this process may "
                         "write; raise that limit (ulimit -f)",
                         path);
    if (end == SANDBOX_KILLED)
        return error_set(error, BAD_INPUT,
                         "%s: the HDF5 library crashed on it (%s); nothing but its own process was "
                         "harmed. The file is damaged: get it again",
                         path, signal ? strsignal(signal) : "it called exit");
    return OK;
}

/* Let the child read the mapped file into file->data. */
static enum status run_child(struct weights_file *file, void *map, struct error *error)
{
    uint64_t size = file->weights.size;
    struct h5_child child = {.map = map, .size = (size_t)size, .room = EXPANSION * size + MARGIN};
    struct sandbox sandbox = {.prepare = h5_child_prepare,
                              .work = h5_child_work,
                              .context = &child,
                              .output = file->data,
                              .memory = child.room + LIBRARY_MEMORY,
                              .output_size = child.room + (uint64_t)(H5_MAX_NAMES + 1) *
                                                              sizeof(struct h5_record),
                              .cpu_seconds = CPU_SECONDS + (int)(size / BYTES_PER_CPU_SECOND),
                              .wall_seconds = WALL_SECONDS + (int)(size / BYTES_PER_WALL_SECOND)};
    enum sandbox_end end;
    int signal;
    enum status status = sandbox_run(&sandbox, &end, &signal, error);
    if (status == OK)
        status = describe_end(file, &sandbox, end, signal, error);
    if (status == OK && fcntl(file->data, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
        return error_errno(error, file->weights.path, "seal the tensors of");
    return status;
}

static enum status refuse_report(const struct weights_file *file, struct error *error)
{
    return error_set(error, BAD_INPUT,
                     "%s: the HDF5 library's process reports what cannot be true of any file; the "
                     "file is damaged: get it again",
                     file->weights.path);
}

/* One tensor whose record ends at byte `at` of file->data. */
static enum status add_tensor(struct weights_file *file, const struct h5_record *record,
                              uint64_t at, uint64_t left, struct error *error)
{
    struct weight weight = {.dtype = (enum dtype)record->dtype, .rank = record->rank};
    struct placement placement = {.position = at};
    if (record->dtype < DTYPE_F16 || record->dtype > DTYPE_F64 || record->rank < 0 ||
        record->rank > WEIGHT_MAX_RANK ||
        strnlen(record->layer, sizeof record->layer) == sizeof record->layer ||
        strnlen(record->weight, sizeof record->weight) == sizeof record->weight)
        return refuse_report(file, error);
    uint64_t size = dtype_size(weight.dtype);
    for (int i = record->rank - 1; i >= 0; i--) {
        weight.shape[i] = record->shape[i];
        placement.stride[i] = (int64_t)(size / dtype_size(weight.dtype));
        if (record->shape[i] < 0 || __builtin_mul_overflow(size, (uint64_t)record->shape[i], &size))
            return refuse_report(file, error);
    }
    if (size != record->size || size > left)
        return refuse_report(file, error);
    char name[2 * H5_MAX_NAME + 2];
    h5_name(name, sizeof name, record->layer, record->weight);
    return weights_file_add(file, name, strlen(name), &weight, &placement, error);
}

/* The text is a stranger's. */
static enum status pass_on(const struct weights_file *file, struct h5_record *record,
                           struct error *error)
{
    record->reason[sizeof record->reason - 1] = '\0';
    for (char *at = record->reason; *at; at++)
        if (*at < 0x20 || *at > 0x7e)
            *at = '?';
    return error_set(error, record->out_of_memory ? NO_MEMORY : BAD_INPUT, "%s: %s",
                     file->weights.path, record->reason);
}

static enum status read_records(struct weights_file *file, struct error *error)
{
    struct stat about;
    if (fstat(file->data, &about) < 0)
        return error_errno(error, file->weights.path, "examine the tensors of");
    struct h5_record record;
    uint64_t size = (uint64_t)about.st_size, at = 0;
    enum status status = weights_file_reserve(file, size / sizeof record, error);
    while (status == OK) {
        if (size - at < sizeof record)
            return refuse_report(file, error);
        status = file_read_at(file->data, file->weights.path, &record, sizeof record, at, error);
        if (status != OK)
            return status;
        at += sizeof record;
        if (record.kind == H5_REFUSAL)
            return pass_on(file, &record, error);
        if (record.kind == H5_END)
            return at == size ? OK : refuse_report(file, error);
        if (record.kind != H5_TENSOR)
            return refuse_report(file, error);
        status = add_tensor(file, &record, at, size - at, error);
        at += record.size;
    }
    return status;
}

enum status h5_list(struct weights_file *file, struct error *error)
{
    enum status status = check_end(file, error);
    if (status != OK)
        return status;
    size_t size = (size_t)file->weights.size;
    file->data = memfd_create("weights", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file->data < 0)
        return error_errno(error, file->weights.path, "make memory for the tensors of");
    /* Only the child touches the map, so that a file that shrinks kills only that. */
    void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file->descriptor, 0);
    if (map == MAP_FAILED)
        return error_errno(error, file->weights.path, "map");
    status = run_child(file, map, error);
    munmap(map, size);
    return status == OK ? read_records(file, error) : status;
}
