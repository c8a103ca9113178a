// SPDX-License-Identifier: MIT
// fetchpool

#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

int clinux_pidfd_open(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

void clinux_name_thread(const char *name) {
    pthread_setname_np(pthread_self(), name);
}

int clinux_peek_exit(int pidfd, int *signal, int *status) {
    siginfo_t info;
    info.si_pid = 0;
    int result;
    do {
        result = waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOWAIT | WNOHANG);
    } while (result < 0 && errno == EINTR);
    if (result < 0) return -1;
    if (info.si_pid == 0) return 0;
    int exited = info.si_code == CLD_EXITED;
    *signal = exited ? 0 : info.si_status;
    *status = exited ? info.si_status : 0;
    return 1;
}

int clinux_pipe(int *reader, int *writer, int flags) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | flags) != 0) return -1;
    *reader = ends[0];
    *writer = ends[1];
    return 0;
}

int clinux_rename_to_new(int folder, const char *from, const char *to) {
    return renameat2(folder, from, folder, to, RENAME_NOREPLACE);
}

int clinux_is_in_memory(int descriptor) {
    struct statfs status;
    if (fstatfs(descriptor, &status) != 0) return 0;
    return status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC;
}

int clinux_memory_file(const char *name, size_t bytes) {
    // Above this limit, ftruncate(2) sends SIGXFSZ, which ends the program.
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < bytes) {
        errno = EFBIG;
        return -1;
    }
    int file = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0) return -1;
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    if (ftruncate(file, (off_t)bytes) != 0 || fcntl(file, F_ADD_SEALS, seals) != 0) {
        int kept = errno;
        close(file);
        errno = kept;
        return -1;
    }
    return file;
}

const char *clinux_signal_name(int signal) {
    return sigabbrev_np(signal);
}

int clinux_usable_cpus(void) {
    cpu_set_t set;
    // The call fails on a machine with more cores than the set can hold.
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

int clinux_unread(int pipe_end) {
    int count = 0;
    return ioctl(pipe_end, FIONREAD, &count) == 0 ? count : -1;
}
