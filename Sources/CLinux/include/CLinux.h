// SPDX-License-Identifier: MIT
// fetchpool
//
// Linux calls that neither Foundation nor Glibc's Swift overlay offers. Nothing here decides anything.

#ifndef FETCHPOOL_CLINUX_H
#define FETCHPOOL_CLINUX_H

// Swift's Glibc module leaves these out: epoll(7), eventfd(2), signalfd(2), timerfd_create(2).
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/types.h>

/// A descriptor that polls readable once the process `pid` has ended (pidfd_open(2), Linux 5.3), close-on-exec.
/// Returns -1 with errno set where the kernel or a sandbox refuses the call.
int clinux_pidfd_open(pid_t pid);

/// Whether the child behind `pidfd` has ended, without reaping it (waitid(2), P_PIDFD, WEXITED|WNOWAIT|WNOHANG).
/// Returns 1 and fills `signal` (0 if it exited by itself) and `status` (its exit code) if so; 0 if it still
/// lives; -1 with errno set on failure.
int clinux_peek_exit(int pidfd, int *signal, int *status);

/// The number of bytes in a pipe that nobody has read (FIONREAD of ioctl(2)), asked of either end; -1 with errno set where
/// the kernel does not tell.
int clinux_unread(int pipe_end);

/// The name of a signal without `SIG`, such as `SEGV` (sigabbrev_np(3)); null where it has none.
const char *clinux_signal_name(int signal);

/// The cores that the calling thread may run on (sched_getaffinity(2)), those that are online where that is not known.
int clinux_usable_cpus(void);

/// A pipe whose ends are close-on-exec from their first moment (pipe2(2)); `flags` adds O_NONBLOCK if wanted.
/// Returns 0, or -1 with errno set.
int clinux_pipe(int *reader, int *writer, int flags);

/// The memory of a process in KiB, as /proc/…/status tells it (proc(5)); 0 for what it does not tell.
typedef struct {
    /// Private and writable, used or not: VmData, which RLIMIT_DATA limits.
    long data;
    /// In memory now: VmRSS.
    long resident;
    /// The most that was ever in memory: VmHWM.
    long peak;
} clinux_memory;

/// Fills `memory` with that of the process `pid`, 0 for this one; safe in a signal handler. Returns 0, or -1 with errno set where
/// the file cannot be read.
int clinux_read_memory(pid_t pid, clinux_memory *memory);

/// Lets this process say one line on descriptor 2 when it dies by SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT or SIGFPE:
///
///     worker-died signal=11 errno=12 data_kb=65400 limit_kb=65536 hwm_kb=51200
///
/// `errno` is that of the thread that died, `limit_kb` is RLIMIT_DATA, 0 for none. Then what was set for the signal before
/// takes its course, and the process ends by that signal. Processes that it forks say nothing. Call it once. Returns 0, or
/// -1 with errno set.
int clinux_tell_crashes(void);

/// Gives the calling thread a stack for signal handlers, so that it can also tell that its own stack has run out; it lives as
/// long as the process. Returns 0, or -1 with errno set.
int clinux_add_signal_stack(void);

/// Lowers RLIMIT_DATA, soft and hard, to `bytes` (getrlimit(2), Linux 4.7); a lower limit that is there stays.
/// Returns 0, or -1 with errno set.
int clinux_limit_data(unsigned long bytes);

/// Lets all threads allocate from one heap (mallopt(3), M_ARENA_MAX): with one each, what one has freed is lost to the others.
void clinux_use_one_heap(void);

/// Does so where the address space is limited (RLIMIT_AS of getrlimit(2), ulimit -v): a heap for each thread would take 64 MiB of
/// it, and leave none for the stacks of threads that come later.
void clinux_save_address_space(void);

/// Keeps up to `bytes` of freed memory at the end of the heap for the next allocations, instead of giving it back to the
/// kernel, and takes blocks of up to `block_bytes` from there (mallopt(3), M_TRIM_THRESHOLD, M_MMAP_THRESHOLD).
void clinux_keep_freed_memory(size_t bytes, size_t block_bytes);

/// Whether a sanitizer was built in: it needs memory that no limit should count.
int clinux_is_sanitized(void);

/// The port at this end of an IPv4 or IPv6 socket (getsockname(2)). Returns -1 with errno set where it has none.
int clinux_local_port(int socket);

/// Whether a read from `socket` would return at once: with bytes, with the end of the connection, or with a failure.
/// Nothing is taken from it.
int clinux_has_input(int socket);

/// Puts a connection that was closed in the place of `socket`: writes fail, and reads find the end. What had come in on it is
/// gone, and whoever watched it by epoll(7) watches it no more. Returns 0, or -1 with errno set and the socket as it was.
int clinux_sever(int socket);

// calloc, realloc and free for a library that reads a block after it has freed it, and would then have it enlarged: the block can
// be held. They go together with the usual malloc and strdup.

void *clinux_calloc(size_t count, size_t size);
/// Returns NULL for a held block that was freed; any other held block is held no more.
void *clinux_realloc(void *block, size_t size);
/// Keeps a held block as it is until it is released.
void clinux_free(void *block);

/// The block that this thread had last from `clinux_calloc` or `clinux_realloc`.
void *clinux_last_block(void);

/// Holds a block, unless too many are held already (at least eight, usually some 10,000); NULL does nothing.
void clinux_hold(void *block);

/// Holds a block no more, and frees it where that was asked for meanwhile; NULL and a block that is not held do nothing.
void clinux_release(void *block);

/// Lets the kernel send `signal` to this process when the thread that started it ends (prctl(2), PR_SET_PDEATHSIG); it outlives
/// exec. Returns 0, or -1 with errno set.
int clinux_follow_parent(int signal);

/// The word at `place` of the command line, the program's name first, as it was given; null behind the last. Swift's own list
/// needs /proc, and takes bytes that are no UTF-8 for other ones.
const char *clinux_argument(int place);

/// The variable at `place` of the environment, with its name and `=`, as it is; null behind the last (environ(7)).
const char *clinux_variable(int place);

/// The path that this program was started by, getauxval(3), AT_EXECFN; null if that is not known.
const char *clinux_executable(void);

#endif
