// SPDX-License-Identifier: MIT
// fetchpool

#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

// The crash handler calls `clinux_read_memory`. So this function and its helpers call only functions of
// signal-safety(7).

/// Sets `number` to the number after `name` in `text`; does nothing if the name is not found.
static void find(const char *name, const char *text, long *number) {
    const char *found = strstr(text, name);
    if (found == NULL) return;
    found += strlen(name);
    while (*found == ' ' || *found == '\t') found++;
    *number = 0;
    while (*found >= '0' && *found <= '9') *number = *number * 10 + (*found++ - '0');
}

/// Writes the path of a process's status file to `path`, which has space for 32 characters.
static void make_path(char *path, pid_t pid) {
    char digits[12];
    int count = 0;
    for (; pid > 0; pid /= 10) digits[count++] = (char)('0' + pid % 10);
    strcpy(path, "/proc/");
    char *end = path + strlen(path);
    if (count == 0) end = stpcpy(end, "self");
    while (count > 0) *end++ = digits[--count];
    strcpy(end, "/status");
}

int clinux_proc_is_foreign(void) {
    // 0: not known yet, 1: this namespace, 2: another namespace. If two threads call this function at the
    // same time, both get the same answer.
    static atomic_int answer;
    if (answer == 0) {
        char digits[16];
        ssize_t count = readlink("/proc/self", digits, sizeof digits);
        if (count < 0) return 0;
        long number = 0;
        for (ssize_t place = 0; place < count; place++) number = number * 10 + (digits[place] - '0');
        answer = number == getpid() ? 1 : 2;
    }
    return answer == 2;
}

int clinux_read_memory(pid_t pid, clinux_memory *memory) {
    // The file usually has about 1.5 KB, but up to 700 KB if the process has very many groups. The lines with
    // the figures are shorter than `most_kept`. A line that is read in two parts is found as a whole after
    // the second read. Its number then replaces a number from the first part.
    enum { most_kept = 64 };
    char text[4096];
    char path[32];
    if (pid > 0 && clinux_proc_is_foreign()) {
        errno = ESRCH;
        return -1;
    }
    make_path(path, pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    *memory = (clinux_memory){0};
    size_t kept = 0;
    ssize_t count;
    while ((count = read(file, text + kept, sizeof text - 1 - kept)) > 0) {
        size_t length = kept + (size_t)count;
        text[length] = 0;
        find("\nVmData:", text, &memory->data);
        find("\nVmRSS:", text, &memory->resident);
        find("\nVmHWM:", text, &memory->peak);
        kept = length < most_kept ? length : most_kept;
        memmove(text, text + length - kept, kept);
    }
    int cause = errno;
    close(file);
    errno = cause;
    return count < 0 ? -1 : 0;
}

long clinux_allocated_bytes(void) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
    struct mallinfo2 info = mallinfo2();
    // Blocks on the heap, and large blocks with a mapping of their own.
    return (long)(info.uordblks + info.hblkhd);
#else
    return -1;
#endif
}
