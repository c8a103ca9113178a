// SPDX-License-Identifier: MIT
// fetchpool

#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

// Only what signal-safety(7) allows: a dying process asks too.

/// The number behind `name` in the lines of `text`, 0 if it is not there.
static long number_after(const char *text, const char *name) {
    const char *found = strstr(text, name);
    if (found == NULL) return 0;
    found += strlen(name);
    while (*found == ' ' || *found == '\t') found++;
    long number = 0;
    while (*found >= '0' && *found <= '9') number = number * 10 + (*found++ - '0');
    return number;
}

int clinux_read_memory(clinux_memory *memory) {
    // The file has about 1.5 KB; what is looked for stands in its first half.
    char text[4096];
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t count = read(file, text, sizeof text - 1);
    int cause = errno;
    close(file);
    errno = cause;
    if (count < 0) return -1;
    text[count] = 0;
    memory->data = number_after(text, "\nVmData:");
    memory->resident = number_after(text, "\nVmRSS:");
    memory->peak = number_after(text, "\nVmHWM:");
    return 0;
}
