// SPDX-License-Identifier: MIT
// fetchpool

#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

// /proc has no memory figures of a dead process. So a process writes its own figures while it dies. The
// signal handler `tell` and its helpers call only functions of signal-safety(7), with two exceptions: an
// earlier handler, and getrlimit(2), which is a plain system call.

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE};
enum { crash_signal_count = sizeof crash_signals / sizeof *crash_signals };

/// Space for the kernel's frame (up to 11 KiB with AMX and AVX-512), this handler, and an earlier handler.
enum { signal_stack_bytes = 64 << 10 };

/// The longest wait for space in the pipe of standard error.
enum { patience_milliseconds = 100 };

static struct sigaction previous[crash_signal_count];
static pid_t owner;
static atomic_flag is_dying = ATOMIC_FLAG_INIT;

static char *add_text(char *end, const char *text) {
    while (*text != 0) *end++ = *text++;
    return end;
}

static char *add_number(char *end, const char *name, unsigned long number) {
    char digits[20];
    int count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    end = add_text(end, name);
    while (count > 0) *end++ = digits[--count];
    return end;
}

static void write_line(int signal, int cause) {
    clinux_memory memory = {0, 0, 0};
    clinux_read_memory(0, &memory);
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    getrlimit(RLIMIT_DATA, &limit);
    // The line has five names and five numbers of at most 20 digits.
    char line[200];
    char *end = add_number(line, "worker-died signal=", (unsigned long)signal);
    end = add_number(end, " errno=", (unsigned long)cause);
    end = add_number(end, " data_kb=", (unsigned long)memory.data);
    end = add_number(end, " limit_kb=", limit.rlim_cur == RLIM_INFINITY ? 0 : limit.rlim_cur / 1024);
    end = add_number(end, " hwm_kb=", (unsigned long)memory.peak);
    end = add_text(end, "\n");
    struct pollfd errors = {2, POLLOUT, 0};
    if (poll(&errors, 1, patience_milliseconds) <= 0) return;
    // A pipe takes a line of up to PIPE_BUF bytes in one piece (pipe(7)), so one call is enough. A failure
    // cannot be reported.
    if (write(2, line, (size_t)(end - line)) < 0) return;
}

/// Calls the earlier handler of `signal`, if there is one.
static void call_previous(int signal, siginfo_t *info, void *context) {
    for (int index = 0; index < crash_signal_count; index++) {
        const struct sigaction *action = &previous[index];
        if (crash_signals[index] != signal || action->sa_handler == SIG_DFL || action->sa_handler == SIG_IGN) continue;
        if (action->sa_flags & SA_SIGINFO) {
            action->sa_sigaction(signal, info, context);
        } else {
            action->sa_handler(signal);
        }
    }
}

static void tell(int signal, siginfo_t *info, void *context) {
    int cause = errno;
    // The first thread that arrives here ends the process. Other threads that arrive wait for the end.
    while (atomic_flag_test_and_set(&is_dying)) pause();
    if (getpid() == owner) write_line(signal, cause);
    call_previous(signal, info, context);
    // The raised signal stays blocked until this function returns, and then ends the process. Without the
    // raised signal, the thread would continue if `signal` came from kill(2) or from a breakpoint.
    struct sigaction end;
    memset(&end, 0, sizeof end);
    end.sa_handler = SIG_DFL;
    sigaction(signal, &end, NULL);
    raise(signal);
    errno = cause;
}

int clinux_add_signal_stack(void) {
    stack_t stack;
    if (sigaltstack(NULL, &stack) != 0) return -1;
    // Swift's runtime or a sanitizer may already have set a stack that is large enough.
    if (!(stack.ss_flags & SS_DISABLE) && stack.ss_size >= signal_stack_bytes) return 0;
    void *memory = mmap(NULL, signal_stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return -1;
    stack = (stack_t){.ss_sp = memory, .ss_size = signal_stack_bytes};
    return sigaltstack(&stack, NULL);
}

int clinux_tell_crashes(void) {
    owner = getpid();
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = tell;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    // The handler runs with all crash signals blocked. A fault in the handler therefore ends the process, and
    // does not start the handler again.
    sigemptyset(&action.sa_mask);
    for (int index = 0; index < crash_signal_count; index++) sigaddset(&action.sa_mask, crash_signals[index]);
    for (int index = 0; index < crash_signal_count; index++) {
        if (sigaction(crash_signals[index], &action, &previous[index]) != 0) return -1;
    }
    return clinux_add_signal_stack();
}
