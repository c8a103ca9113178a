// SPDX-License-Identifier: MIT
// fetchpool

#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static _Thread_local int is_batched;

static int set_policy(int policy) {
    struct sched_param none = {0};
    return sched_setscheduler(0, policy, &none);
}

/// Returns 1 if the calling thread had the default policy and now has SCHED_BATCH, else 0.
static int change_to_batch(void) {
    return sched_getscheduler(0) == SCHED_OTHER && set_policy(SCHED_BATCH) == 0;
}

/// Returns 1 if no filter of system calls is active (seccomp(2)), or if `change_to_batch` returns 1 in a
/// child process; otherwise 0. A filter can kill a process that makes a forbidden call.
static int is_harmless(void) {
    if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0) return 1;
    pid_t child = fork();
    if (child == 0) {
        // A child that is killed leaves no core dump.
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        _exit(change_to_batch() ? 0 : 1);
    }
    if (child < 0) return 0;
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return 0;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void clinux_use_batch_scheduling(void) {
    is_batched = is_harmless() && change_to_batch();
}

void clinux_pause_batch_scheduling(int is_paused) {
    if (!is_batched) return;
    if (sched_getscheduler(0) == (is_paused ? SCHED_BATCH : SCHED_OTHER)) {
        (void)set_policy(is_paused ? SCHED_OTHER : SCHED_BATCH);
    } else {
        // Other code or the user has set another policy meanwhile.
        is_batched = 0;
    }
}
