/* Errors as values. A function that can fail returns a status and describes a failure once, in
 * the error that its caller owns; nothing is freed. Only src/cli prints one or exits with one. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/* The program's exit codes, see doc/design.md. */
enum status {
    OK = 0,
    BAD_USAGE = 2,       /* the command line */
    BAD_INPUT = 3,       /* a file that is not what it must be */
    LOCKED = 4,          /* another process has the results folder */
    IO_FAILED = 5,       /* the operating system refused to read or write */
    NO_MEMORY = 6,       /* memory could not be had */
    NOT_TRUSTWORTHY = 7, /* computed, but must not be believed */
    INTERRUPTED = 130
};

struct error {
    enum status status; /* OK while nothing has failed */
    char text[1000];    /* the file, the place, what was found, what was wanted, what to do */
};

/* Record a failure and return its status. The first failure stays: it is the cause. A null error
 * discards the text; a text that is too long loses its middle. */
enum status error_set(struct error *error, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An operating system call on `path` failed: "PATH: cannot ACTION: strerror(errno)", IO_FAILED
 * (NO_MEMORY for ENOMEM; BAD_INPUT for ENOENT, ENOTDIR, EISDIR, ELOOP and ENAMETOOLONG, which are
 * the user's). */
enum status error_errno(struct error *error, const char *path, const char *action);

/* "out of memory for WHAT", NO_MEMORY. */
enum status error_memory(struct error *error, const char *what);

#endif
