/* The program: finds the command, runs it, prints its error, exits with its status. */
#include "cli/command.h"

#include "data/printable.h"

#include <argp.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void help(FILE *out)
{
    fputs("bitzoo: how accurate is each pretrained ImageNet model, really?\n\n"
          "Usage: bitzoo COMMAND [OPTION...]\n\nCommands:\n",
          out);
    for (const struct command *c = commands; c->name; c++)
        fprintf(out, "  %-9s %s\n", c->name, c->summary);
    fputs("\n`bitzoo COMMAND --help` tells a command's options, with an example.\n"
          "`bitzoo demo` shows all of it on a small generated data set.\n",
          out);
}

/* File names from strangers' folders and archives may hold control characters. */
static void print_safely(const char *text)
{
    while (*text) {
        size_t length = printable_length(text);
        if (length > 0)
            fwrite(text, 1, length, stderr);
        else
            fprintf(stderr, "\\x%02x", (unsigned char)*text);
        text += length > 0 ? length : 1;
    }
}

static void print_error(const struct error *error)
{
    fputs("bitzoo: ", stderr);
    print_safely(error->text);
    fputc('\n', stderr);
}

static int finish(enum status status, const struct error *error)
{
    if (status != OK && error->text[0])
        print_error(error);
    if (fflush(stdout) == EOF || ferror(stdout)) {
        if (status == OK)
            fputs("bitzoo: standard output: cannot write the result\n", stderr);
        return status == OK ? IO_FAILED : (int)status;
    }
    return (int)status;
}

/* A standard stream that was closed must not be the next file that is opened: it is opened on
 * nothing, the wrong way round, so that using it still fails. */
static void fill_standard_streams(void)
{
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++)
        if (fcntl(descriptor, F_GETFD) < 0 &&
            open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) != descriptor)
            _exit(IO_FAILED);
}

/* A reader that left and a full quota are failed writes; a child's end is waited for, whatever
 * whoever started the program does with its own children. */
static void set_signals(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
}

int main(int argc, char **argv)
{
    argp_err_exit_status = BAD_USAGE;
    fill_standard_streams();
    set_signals();
    if (argc < 2) {
        help(stderr);
        return BAD_USAGE;
    }
    const char *name = argv[1];
    if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
        help(stdout);
        return finish(OK, NULL);
    }
    if (!strcmp(name, "--version")) {
        puts("bitzoo " BITZOO_VERSION);
        return finish(OK, NULL);
    }
    for (const struct command *c = commands; c->name; c++) {
        if (strcmp(name, c->name))
            continue;
        char called[64];
        snprintf(called, sizeof called, "bitzoo %s", name);
        argv[1] = called;
        struct error error = {0};
        return finish(c->run(argc - 1, argv + 1, &error), &error);
    }
    fprintf(stderr, "bitzoo: there is no command '%s'; `bitzoo --help` lists them\n", name);
    return BAD_USAGE;
}
