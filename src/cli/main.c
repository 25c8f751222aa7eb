/* The program: finds the command, runs it, prints its error, exits with its status. */
#include "cli/command.h"

#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static int finish(enum status status, const struct error *error)
{
    if (status != OK && error->text[0])
        fprintf(stderr, "bitzoo: %s\n", error->text);
    if (fflush(stdout) == EOF || ferror(stdout)) {
        if (status == OK)
            fputs("bitzoo: standard output: cannot write the result\n", stderr);
        return status == OK ? IO_FAILED : (int)status;
    }
    return (int)status;
}

int main(int argc, char **argv)
{
    argp_err_exit_status = BAD_USAGE;
    signal(SIGPIPE, SIG_IGN); /* a reader that left is a failed write, told of by finish */
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
