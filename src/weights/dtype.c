#include "weights/dtype.h"

static const struct {
    const char *name;
    size_t size;
} dtypes[] = {
    [DTYPE_F16] = {"float16", 2}, [DTYPE_F32] = {"float32", 4}, [DTYPE_F64] = {"float64", 8},
    [DTYPE_U8] = {"uint8", 1},    [DTYPE_I8] = {"int8", 1},     [DTYPE_I16] = {"int16", 2},
    [DTYPE_I32] = {"int32", 4},   [DTYPE_I64] = {"int64", 8},   [DTYPE_BOOL] = {"bool", 1},
};

size_t dtype_size(enum dtype dtype)
{
    return dtypes[dtype].size;
}

const char *dtype_name(enum dtype dtype)
{
    return dtypes[dtype].name;
}
