/* weights/sandbox: what a confined function can do, what it cannot, and how each end is told. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "weights/sandbox.h"

static void answer(void *question, int output)
{
    int result = *(const int *)question * 6;
    (void)!write(output, &result, sizeof result);
}

static void spin(void *unused, int output)
{
    (void)unused, (void)output;
    for (volatile unsigned i = 0;; i++) {
    }
}

static void crash(void *unused, int output)
{
    (void)unused, (void)output;
    volatile char *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page[0] = 1;
}

static void leave(void *unused, int output)
{
    (void)unused, (void)output;
    _exit(3);
}

static void open_file(void *unused, int output)
{
    (void)unused;
    int result = open("/dev/null", O_RDONLY) < 0 ? errno : 0;
    (void)!write(output, &result, sizeof result);
}

static void use_network(void *unused, int output)
{
    (void)unused, (void)output;
    socket(AF_INET, SOCK_STREAM, 0);
}

static void make_code(void *unused, int output)
{
    (void)unused, (void)output;
    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void start_process(void *unused, int output)
{
    (void)unused, (void)output;
    fork();
}

static void take_memory(void *size, int output)
{
    void *got = mmap(NULL, *(const size_t *)size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int result = got == MAP_FAILED;
    (void)!write(output, &result, sizeof result);
}

static void write_much(void *unused, int output)
{
    (void)unused;
    char bytes[1024] = {0};
    for (int i = 0; i < 100; i++)
        (void)!write(output, bytes, sizeof bytes);
}

static int output;

/* Runs `work` and gives its end, and the integer that it wrote. */
static enum sandbox_end run(void (*work)(void *, int), void *context, int *signal, int *written)
{
    struct sandbox sandbox = {.work = work,
                              .context = context,
                              .output = output,
                              .memory = 64 << 20,
                              .output_size = 10000,
                              .cpu_seconds = 5,
                              .wall_seconds = 1};
    struct error error = {0};
    enum sandbox_end end;
    assert_int_equal(ftruncate(output, 0), 0);
    assert_int_equal(lseek(output, 0, SEEK_SET), 0);
    if (sandbox_run(&sandbox, &end, signal, &error) != OK)
        fail_msg("%s", error.text);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nothing is left of it */
    assert_int_equal(errno, ECHILD);
    *written = -1;
    (void)!pread(output, written, sizeof *written, 0);
    return end;
}

static void it_computes_and_writes(void **state)
{
    (void)state;
    int question = 7, signal, written;
    assert_int_equal(run(answer, &question, &signal, &written), SANDBOX_DONE);
    assert_int_equal(written, 42);
    assert_int_equal(signal, 0);
}

static void its_end_is_told(void **state)
{
    (void)state;
    int signal, written;
    assert_int_equal(run(crash, NULL, &signal, &written), SANDBOX_KILLED);
    assert_int_equal(signal, SIGSEGV);
    assert_int_equal(run(leave, NULL, &signal, &written), SANDBOX_KILLED);
    assert_int_equal(signal, 0);
    assert_int_equal(run(spin, NULL, &signal, &written), SANDBOX_TIMEOUT);
    assert_int_equal(signal, SIGKILL);
}

static void it_reaches_nothing(void **state)
{
    (void)state;
    int signal, written;
    assert_int_equal(run(open_file, NULL, &signal, &written), SANDBOX_DONE);
    assert_int_equal(written, ENOENT);
    void (*const works[])(void *, int) = {use_network, make_code, start_process};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(run(works[i], NULL, &signal, &written), SANDBOX_KILLED);
        assert_int_equal(signal, SIGSYS);
    }
}

static void its_memory_and_output_are_limited(void **state)
{
    (void)state;
    int signal, written;
    size_t little = 1 << 20, much = (size_t)1 << 30;
    assert_int_equal(run(take_memory, &little, &signal, &written), SANDBOX_DONE);
    assert_int_equal(written, 0);
    assert_int_equal(run(take_memory, &much, &signal, &written), SANDBOX_DONE);
    assert_int_equal(written, 1);
    assert_int_equal(run(write_much, NULL, &signal, &written), SANDBOX_KILLED);
    assert_int_equal(signal, SIGXFSZ);
    assert_true(lseek(output, 0, SEEK_END) <= 10000);
}

int main(void)
{
    output = memfd_create("output", MFD_CLOEXEC);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_computes_and_writes),
        cmocka_unit_test(its_end_is_told),
        cmocka_unit_test(it_reaches_nothing),
        cmocka_unit_test(its_memory_and_output_are_limited),
    };
    return cmocka_run_group_tests_name("weights_sandbox", tests, NULL, NULL);
}
