// SPDX-License-Identifier: MIT
// fetchpool

#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

static const char own_program[] = "/proc/self/exe";

// Returns 1 if this process has a controlling terminal; 0 otherwise.
static int has_terminal(void) {
    int terminal = open("/dev/tty", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) return 0;
    close(terminal);
    return 1;
}

// Starts this program again with the signal mask `mask`. Returns the child's process id, or -1.
static pid_t start_again(const sigset_t *mask, int has_own_group) {
    posix_spawnattr_t attributes;
    if (posix_spawnattr_init(&attributes) != 0) return -1;
    int flags = POSIX_SPAWN_SETSIGMASK | (has_own_group ? POSIX_SPAWN_SETPGROUP : 0);
    posix_spawnattr_setflags(&attributes, (short)flags);
    posix_spawnattr_setsigmask(&attributes, mask);
    posix_spawnattr_setpgroup(&attributes, 0);
    // With the path instead of the link `own_program`, the child has its usual name in ps(1).
    char path[PATH_MAX];
    ssize_t length = readlink(own_program, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    char *const *words = clinux_arguments();
    pid_t child;
    // If the program's file was removed, only the link leads to the program.
    if (posix_spawn(&child, path, NULL, &attributes, words, environ) != 0 &&
        posix_spawn(&child, own_program, NULL, &attributes, words, environ) != 0) {
        child = -1;
    }
    posix_spawnattr_destroy(&attributes);
    return child;
}

// Reaps all processes that have ended. If `child` is among them, exits with the status that a shell would
// report for it.
static void reap(pid_t child) {
    int status;
    pid_t ended;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
        if (ended == child) _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    }
}

void clinux_be_first_process(void) {
    if (getpid() != 1) return;
    static const int forwarded[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
    sigset_t watched, before;
    sigemptyset(&watched);
    for (size_t i = 0; i < sizeof forwarded / sizeof *forwarded; i++) {
        struct sigaction action;
        // An ignored signal is not forwarded: the child inherits the setting, so it ignores the signal too.
        if (sigaction(forwarded[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN) {
            sigaddset(&watched, forwarded[i]);
        }
    }
    sigaddset(&watched, SIGCHLD);
    // If SIGCHLD is ignored, the kernel keeps no exit status for waitpid(2).
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_BLOCK, &watched, &before);
    // On a terminal, both processes are in one group, so job control works as for one process. Without a
    // terminal, the child has its own group, so that a signal to the group of this process does not reach the
    // child twice.
    int shares_group = has_terminal();
    pid_t child = start_again(&before, !shares_group);
    if (child < 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        return;
    }
    clinux_hide_passwords();
    while (1) {
        siginfo_t info;
        int number = sigwaitinfo(&watched, &info);
        if (number == SIGCHLD) {
            reap(child);
        } else if (number > 0) {
            // The terminal sends SIGINT and SIGQUIT to the whole group, but can send SIGHUP to this process
            // alone.
            int child_has_it = shares_group && info.si_code == SI_KERNEL && number != SIGHUP;
            if (!child_has_it) kill(child, number);
        }
    }
}
