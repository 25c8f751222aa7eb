#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A long path may fill the text: its end, which says what is wrong, takes the place of the middle.
 */
__attribute__((format(printf, 2, 0))) static void shorten(struct error *error, const char *format,
                                                          va_list arguments)
{
    enum { END = 400 };
    char *whole;
    int length = vasprintf(&whole, format, arguments);
    if (length < 0)
        return; /* the text stays cut */
    char *end = error->text + sizeof error->text - END;
    memcpy(end, whole + length + 1 - END, END);
    memcpy(end - 3, "...", 3);
    free(whole);
}

enum status error_set(struct error *error, enum status status, const char *format, ...)
{
    if (!error || error->status != OK)
        return status;
    error->status = status;
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(error->text, sizeof error->text, format, arguments);
    if (length >= (int)sizeof error->text)
        shorten(error, format, again);
    va_end(again);
    va_end(arguments);
    return status;
}

enum status error_errno(struct error *error, const char *path, const char *action)
{
    int code = errno;
    enum status status = IO_FAILED;
    if (code == ENOMEM)
        status = NO_MEMORY;
    else if (code == ENOENT || code == ENOTDIR || code == EISDIR || code == ELOOP ||
             code == ENAMETOOLONG)
        status = BAD_INPUT;
    return error_set(error, status, "%s: cannot %s: %s", path, action, strerror(code));
}

enum status error_memory(struct error *error, const char *what)
{
    return error_set(error, NO_MEMORY, "out of memory for %s", what);
}
