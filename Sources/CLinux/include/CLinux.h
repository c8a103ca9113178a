// SPDX-License-Identifier: MIT
// fetchpool
//
// C functions for system and library calls that Swift's Glibc module lacks, or that are simpler in C.

#ifndef FETCHPOOL_CLINUX_H
#define FETCHPOOL_CLINUX_H

// Swift's Glibc module does not include epoll(7), eventfd(2), signalfd(2), timerfd_create(2).
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/types.h>

/// Returns a close-on-exec descriptor that becomes readable once the process `pid` has ended (pidfd_open(2),
/// Linux 5.3). Returns -1 with errno set if the kernel or a sandbox refuses the call.
int clinux_pidfd_open(pid_t pid);

/// Checks whether the child of `pidfd` has ended, without reaping it (waitid(2), P_PIDFD,
/// WEXITED|WNOWAIT|WNOHANG). Returns 1 if the child has ended, and sets `signal` (0 after a normal exit) and
/// `status` (the exit code; 0 after a signal). Returns 0 while the child lives; -1 with errno set on failure.
int clinux_peek_exit(int pidfd, int *signal, int *status);

/// Returns the number of unread bytes in the pipe with the end `pipe_end` (FIONREAD of ioctl(2)). Returns -1
/// with errno set if the kernel does not tell the number.
int clinux_unread(int pipe_end);

/// Ends this process when no bytes come on `descriptor`, a pipe or socket. The end comes after at least
/// `seconds` and at most twice `seconds` without bytes. If the process leads its process group, SIGKILL ends
/// the whole group; otherwise the process exits with status 1. Uses the alarm clock of the process and
/// SIGALRM (alarm(2)). Returns 0, or -1 with errno set.
int clinux_leave_when_silent(int descriptor, unsigned seconds);

/// Starts the time of `clinux_leave_when_silent` again. Call this function after each read from the
/// descriptor.
void clinux_heard(void);

/// Ends the watch of `clinux_leave_when_silent`.
void clinux_stop_watching(void);

/// Returns the name of a signal without `SIG`, such as `SEGV` (sigabbrev_np(3)); null if the signal has no
/// name.
const char *clinux_signal_name(int signal);

/// Returns the number of cores that the calling thread may use (sched_getaffinity(2)). If this call fails,
/// returns the number of cores that are online, or 1 if that number is unknown.
int clinux_usable_cpus(void);

/// Creates a pipe whose ends are close-on-exec from the start (pipe2(2)); `flags` may add O_NONBLOCK. Returns
/// 0, or -1 with errno set.
int clinux_pipe(int *reader, int *writer, int flags);

/// Creates a file of `bytes` zero bytes in memory and returns its close-on-exec descriptor (memfd_create(2)).
/// The size cannot change. The link of the descriptor in /proc shows `name`. Returns -1 with errno set if the
/// kernel or a sandbox refuses the call.
int clinux_memory_file(const char *name, size_t bytes);

/// The memory of a process in KiB, from /proc/…/status (proc(5)); 0 for a missing value.
typedef struct {
    /// Private writable memory, used or not: VmData, which RLIMIT_DATA limits.
    long data;
    /// The memory in use now: VmRSS.
    long resident;
    /// The highest memory in use so far: VmHWM.
    long peak;
} clinux_memory;

/// Fills `memory` with the figures of the process `pid`; a `pid` of 0 stands for this process. Safe in a
/// signal handler. Returns 0, or -1 with errno set if the file cannot be read.
int clinux_read_memory(pid_t pid, clinux_memory *memory);

/// Returns the number of bytes that malloc(3) has given out and that were not freed (mallinfo2(3)). Returns
/// -1 if the C library has no mallinfo2: glibc before 2.33, or another library.
long clinux_allocated_bytes(void);

/// Makes this process write one line to descriptor 2 when SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT or SIGFPE
/// ends it:
///
///     worker-died signal=11 errno=12 data_kb=65400 limit_kb=65536 hwm_kb=51200
///
/// `errno` is the value in the thread that died. The numbers with `_kb` are in KiB. `data_kb` and `hwm_kb`
/// are `data` and `peak` of `clinux_memory`. `limit_kb` is RLIMIT_DATA, or 0 without a limit. The line is
/// missing if descriptor 2 accepts no bytes for 100 ms. After the line, the earlier handler of the signal
/// runs, and the signal ends the process. Forked children of this process write no line. The function also
/// calls `clinux_add_signal_stack` for the calling thread. Call this function once. Returns 0, or -1 with
/// errno set.
int clinux_tell_crashes(void);

/// Gives the calling thread a separate stack for signal handlers, unless it has one that is large enough.
/// Without such a stack, the overflow of the thread's own stack cannot be reported. The new stack is never
/// freed. Returns 0, or -1 with errno set.
int clinux_add_signal_stack(void);

/// Sets RLIMIT_DATA, soft and hard, to `bytes`, or to the present soft limit if this limit is lower
/// (getrlimit(2)). Since Linux 4.7, RLIMIT_DATA also limits mmap(2). Returns 0, or -1 with errno set.
int clinux_limit_data(unsigned long bytes);

/// Makes all threads allocate from one heap (mallopt(3), M_ARENA_MAX). With several heaps, memory freed in
/// one heap is not available to the others.
void clinux_use_one_heap(void);

/// Calls `clinux_use_one_heap` if the address space is limited (RLIMIT_AS of getrlimit(2), ulimit -v). Each
/// further heap takes 64 MiB of address space. The stacks of later threads would lack this space.
void clinux_save_address_space(void);

/// Keeps up to `bytes` of freed memory at the end of the heap for later allocations, and does not return this
/// memory to the kernel. Allocates blocks of less than `block_bytes` from the heap, and not with mmap(2)
/// (mallopt(3), M_TRIM_THRESHOLD, M_MMAP_THRESHOLD).
void clinux_keep_freed_memory(size_t bytes, size_t block_bytes);

/// Returns 1 in a build with an address, memory or thread sanitizer; 0 otherwise. The memory of such a build
/// must not be limited.
int clinux_is_sanitized(void);

/// Returns the port of the local end of an IPv4 or IPv6 socket (getsockname(2)). Returns -1 with errno set on
/// failure; errno is EAFNOSUPPORT for a socket of another family.
int clinux_local_port(int socket);

/// Returns 1 if a read from `socket` would at once return bytes, the end of the connection, or a failure.
/// Returns 0 if the read would wait. The input stays unread.
int clinux_has_input(int socket);

/// Replaces the connection of `socket` by a closed connection: writes fail, and reads find the end. Unread
/// input is lost, and epoll(7) no longer watches the socket. Returns 0, or -1 with errno set and the socket
/// unchanged.
int clinux_sever(int socket);

// Replacements of calloc, realloc and free for a faulty library, which reads a freed block and then tries to
// enlarge it. Such a block can be held: `clinux_free` then does not free the block before its release. The
// replacements also accept blocks of the usual malloc and strdup.

void *clinux_calloc(size_t count, size_t size);
/// Works as realloc(3), except for held blocks. Returns NULL for a held block that was freed. Ends the hold
/// of any other held block before it reallocates the block.
void *clinux_realloc(void *block, size_t size);
/// Frees a block; a held block stays unchanged until it is released.
void clinux_free(void *block);

/// Returns the block that this thread last got from `clinux_calloc` or `clinux_realloc`. Returns null before
/// the first block, and after a call that found no memory.
void *clinux_last_block(void);

/// Holds a block: `clinux_free` then does not free the block. Does nothing for NULL, or if too many blocks
/// are held. That limit depends on the addresses of the blocks: at least 8 blocks, usually several thousand.
void clinux_hold(void *block);

/// Ends the hold of a block. Frees the block if `clinux_free` was called for it during the hold. Does nothing
/// for NULL or for a block that is not held.
void clinux_release(void *block);

/// Makes the kernel send `signal` to this process when the thread that started the process ends (prctl(2),
/// PR_SET_PDEATHSIG). A `signal` of 0 turns this off. The setting survives exec(3), except for programs that
/// are set-user-ID or set-group-ID or have capabilities. Returns 0, or -1 with errno set.
int clinux_follow_parent(int signal);

/// Returns the argument with the index `place` of the command line, with its bytes unchanged. Index 0 is the
/// program's name. Returns null for any other index without an argument. Swift's own list needs /proc, and
/// changes bytes that are not UTF-8.
const char *clinux_argument(int place);

/// Returns the variable with the index `place` of the environment, as `NAME=VALUE` (environ(7)). Returns null
/// for the index after the last variable; a greater index is not allowed.
const char *clinux_variable(int place);

/// Returns the path by which this program was started (getauxval(3), AT_EXECFN); null if it is not known.
const char *clinux_executable(void);

#endif
