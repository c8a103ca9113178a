// SPDX-License-Identifier: MIT
// fetchpool

#define _GNU_SOURCE
#include "CLinux.h"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int clinux_limit_data(unsigned long bytes) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_DATA, &limit) != 0) return -1;
    // RLIM_INFINITY is the largest value, so this comparison also covers "no limit".
    if (limit.rlim_cur > bytes) limit.rlim_cur = bytes;
    limit.rlim_max = limit.rlim_cur;
    return setrlimit(RLIMIT_DATA, &limit);
}

void clinux_use_one_heap(void) {
    mallopt(M_ARENA_MAX, 1);
}

void clinux_save_address_space(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) clinux_use_one_heap();
}

void clinux_keep_freed_memory(size_t bytes, size_t block_bytes) {
    mallopt(M_TRIM_THRESHOLD, (int)bytes);
    mallopt(M_MMAP_THRESHOLD, (int)block_bytes);
}

int clinux_is_sanitized(void) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
    return 1;
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return 1;
#endif
    return 0;
}

int clinux_follow_parent(int signal) {
    return prctl(PR_SET_PDEATHSIG, (unsigned long)signal);
}
