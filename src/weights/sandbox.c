#include "weights/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How the child ends where it could not be confined. */
enum { EXIT_UNCONFINED = 100 };

/* What a program that only computes asks of the kernel. Opening files is answered with "no such
 * file" rather than death, since the HDF5 library asks whether a file of its image's name exists.
 */
static bool allow_system_calls(scmp_filter_ctx filter)
{
    static const int harmless[] = {
        SCMP_SYS(brk),           SCMP_SYS(munmap),         SCMP_SYS(mremap),
        SCMP_SYS(madvise),       SCMP_SYS(futex),          SCMP_SYS(write),
        SCMP_SYS(rt_sigreturn),  SCMP_SYS(rt_sigprocmask), SCMP_SYS(sigaltstack),
        SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),   SCMP_SYS(sched_yield),
        SCMP_SYS(getpid),        SCMP_SYS(gettid),         SCMP_SYS(getrandom),
        SCMP_SYS(exit),          SCMP_SYS(exit_group),
    };
    static const int refused[] = {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(readlink),
                                  SCMP_SYS(readlinkat)};
    bool done = true;
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        done &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, harmless[i], 0) == 0;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        done &= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOENT), refused[i], 0) == 0;
    done &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                             SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                             SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS)) == 0;
    done &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                             SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
    return done;
}

static bool confine(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return false;
    bool done = allow_system_calls(filter) && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return done;
}

/* A limit that the process was born with stays when it is the lower one. */
static bool limit(int resource, uint64_t value)
{
    struct rlimit born;
    if (getrlimit(resource, &born) < 0)
        return false;
    rlim_t soft = born.rlim_cur < value ? born.rlim_cur : value;
    /* At the first of two limits a process is told what for it is killed, at the second not. */
    rlim_t hard = resource == RLIMIT_CPU && soft < born.rlim_max ? soft + 1 : soft;
    const struct rlimit both = {.rlim_cur = soft, .rlim_max = hard};
    return setrlimit(resource, &both) == 0;
}

/* The address space that the process has already. It is all of its parent's, and terabytes under a
 * sanitizer, so that a limit can only be set from here. */
static uint64_t mapped_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long long pages = 0;
    bool read = file && fscanf(file, "%llu", &pages) == 1;
    if (file)
        fclose(file);
    return read ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : UINT64_MAX;
}

static bool set_limits(const struct sandbox *sandbox, uint64_t mapped)
{
    return mapped <= UINT64_MAX - sandbox->memory && limit(RLIMIT_CORE, 0) &&
           limit(RLIMIT_NOFILE, 0) && limit(RLIMIT_CPU, (uint64_t)sandbox->cpu_seconds) &&
           limit(RLIMIT_FSIZE, sandbox->output_size) && limit(RLIMIT_AS, mapped + sandbox->memory);
}

/* Signals meant for the parent are its own to answer: it kills the child, or the child dies with
 * it. A crash must end the child whatever handlers it was born with. */
static void reset_signals(void)
{
    for (int number = 1; number < NSIG; number++)
        signal(number,
               number == SIGINT || number == SIGTERM || number == SIGHUP ? SIG_IGN : SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void child(const struct sandbox *sandbox, pid_t parent)
{
    reset_signals();
    bool ready = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
    if (ready && sandbox->prepare)
        sandbox->prepare(sandbox->context);
    uint64_t mapped = mapped_bytes();
    /* The one descriptor becomes number 0; all others go, standard error with them. */
    ready = ready && dup2(sandbox->output, 0) == 0 && close_range(1, ~0U, 0) == 0 &&
            set_limits(sandbox, mapped) && confine();
    if (!ready)
        _exit(EXIT_UNCONFINED);
    sandbox->work(sandbox->context, 0);
    _exit(0);
}

/* Whether the child ended by itself in time. */
static bool wait_for(int child_descriptor, int seconds)
{
    struct timespec now, end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += seconds;
    for (;;) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        long left = (end.tv_sec - now.tv_sec) * 1000 + (end.tv_nsec - now.tv_nsec) / 1000000;
        struct pollfd wait = {.fd = child_descriptor, .events = POLLIN};
        int ready = poll(&wait, 1, left > 0 ? (int)left : 0);
        if (ready > 0 || (ready < 0 && errno != EINTR))
            return ready > 0;
        if (left <= 0)
            return false;
    }
}

static enum status reap(pid_t pid, bool in_time, enum sandbox_end *end, int *signal,
                        struct error *error)
{
    int outcome;
    while (waitpid(pid, &outcome, 0) < 0)
        if (errno != EINTR)
            return error_errno(error, "a reader's own process", "wait for it");
    if (WIFEXITED(outcome) && WEXITSTATUS(outcome) == EXIT_UNCONFINED)
        return error_set(error, IO_FAILED,
                         "a reader's own process cannot be confined: the kernel refuses resource "
                         "limits or seccomp filters, or /proc is not mounted; without these such "
                         "files are not read");
    *signal = WIFSIGNALED(outcome) ? WTERMSIG(outcome) : 0;
    if (!in_time)
        *end = SANDBOX_TIMEOUT;
    else
        *end = WIFEXITED(outcome) && WEXITSTATUS(outcome) == 0 ? SANDBOX_DONE : SANDBOX_KILLED;
    return OK;
}

enum status sandbox_run(const struct sandbox *sandbox, enum sandbox_end *end, int *signal,
                        struct error *error)
{
    pid_t parent = getpid(), pid = fork();
    if (pid < 0)
        return error_errno(error, "a reader's own process", "start it");
    if (pid == 0)
        child(sandbox, parent);
    int descriptor = pidfd_open(pid, 0);
    bool in_time = descriptor >= 0 && wait_for(descriptor, sandbox->wall_seconds);
    if (!in_time)
        kill(pid, SIGKILL);
    enum status status = reap(pid, in_time, end, signal, error);
    if (descriptor < 0 && status == OK)
        return error_set(error, IO_FAILED,
                         "a reader's own process cannot be watched: the kernel "
                         "does not know pidfd_open (Linux 5.3)");
    close(descriptor);
    return status;
}
