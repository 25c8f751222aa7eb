#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum status error_set(struct error *error, enum status status, const char *format, ...)
{
    if (!error || error->status != OK)
        return status;
    error->status = status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return status;
}

enum status error_errno(struct error *error, const char *path, const char *action)
{
    int code = errno;
    enum status status = IO_FAILED;
    if (code == ENOMEM)
        status = NO_MEMORY;
    else if (code == ENOENT || code == ENOTDIR || code == EISDIR || code == ELOOP)
        status = BAD_INPUT;
    return error_set(error, status, "%s: cannot %s: %s", path, action, strerror(code));
}

enum status error_memory(struct error *error, const char *what)
{
    return error_set(error, NO_MEMORY, "out of memory for %s", what);
}
