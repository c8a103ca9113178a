// SPDX-License-Identifier: MIT
// fetchpool
//
// System and library calls that Swift's Glibc module lacks, or that are simpler in C.

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

/// Gives the calling thread a name of at most 15 bytes (pthread_setname_np(3)).
void clinux_name_thread(const char *name);

/// Checks whether the child of `pidfd` has ended, without reaping it (waitid(2), WNOWAIT). Returns 1 if the
/// child has ended, and sets `signal` (0 after a normal exit) and `status` (the exit code; 0 after a signal).
/// Returns 0 while the child lives; -1 with errno set on failure.
int clinux_peek_exit(int pidfd, int *signal, int *status);

/// Returns the number of unread bytes in a pipe (FIONREAD of ioctl(2)), or -1 with errno set.
int clinux_unread(int pipe_end);

/// Ends this process when no bytes have come on `descriptor`, a pipe or socket, for a time between `seconds`
/// and twice `seconds`. If the process leads its process group, SIGKILL ends the whole group; otherwise the
/// process exits with status 1. Uses alarm(2) and SIGALRM. Returns 0, or -1 with errno set.
int clinux_leave_when_silent(int descriptor, unsigned seconds);

/// Starts the time of `clinux_leave_when_silent` again. Call this function after each read from the
/// descriptor.
void clinux_heard(void);

/// Ends the watch of `clinux_leave_when_silent`.
void clinux_stop_watching(void);

/// Returns the name of a signal without `SIG`, such as `SEGV` (sigabbrev_np(3)); null if the signal has no
/// name.
const char *clinux_signal_name(int signal);

/// Returns the number of cores that the calling thread may use (sched_getaffinity(2)). If this number is
/// unknown, returns the number of cores that are online.
int clinux_usable_cpus(void);

/// Sets the policy of the calling thread to SCHED_BATCH (sched(7)), if the thread has the default policy and
/// the system allows the change. Threads and processes that this thread starts later inherit its policy.
void clinux_use_batch_scheduling(void);

/// Gives the calling thread the default policy if `is_paused` is 1, or SCHED_BATCH again if `is_paused` is 0.
/// Works only if the thread got SCHED_BATCH from `clinux_use_batch_scheduling`, and if neither other code nor
/// the user has changed the policy since.
void clinux_pause_batch_scheduling(int is_paused);

/// Creates a pipe with close-on-exec ends (pipe2(2)); `flags` can add O_NONBLOCK. Returns 0, or -1 with errno
/// set.
int clinux_pipe(int *reader, int *writer, int flags);

/// Renames the file `from` to `to`, if `to` does not exist (renameat2(2), RENAME_NOREPLACE). Relative names
/// begin at `folder`. Returns 0, or -1 with errno set: to EEXIST if `to` exists, and to EINVAL or ENOSYS if
/// the file system or the kernel lacks the call.
int clinux_rename_to_new(int folder, const char *from, const char *to);

/// Returns 1 if the file or folder `descriptor` is on a tmpfs or a ramfs, whose files take memory
/// (statfs(2)); otherwise 0.
int clinux_is_in_memory(int descriptor);

/// Creates a file in memory and returns its close-on-exec descriptor (memfd_create(2)). The file has `bytes`
/// bytes, all 0, and its size cannot change. /proc shows `name`. Returns -1 with errno set on failure, to
/// EFBIG if the limit of file sizes (RLIMIT_FSIZE) is below `bytes`.
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
/// signal handler. Returns 0, or -1 with errno set: to ESRCH if `pid` is not 0 and `clinux_proc_is_foreign`
/// returns 1.
int clinux_read_memory(pid_t pid, clinux_memory *memory);

/// Returns 1 if /proc is mounted, but belongs to another PID namespace than this process; otherwise 0. The
/// folders in such a /proc are those of other processes (pid_namespaces(7)). Safe in a signal handler.
int clinux_proc_is_foreign(void);

/// Returns the number of allocated bytes (mallinfo2(3)), or -1 if the C library has no mallinfo2.
long clinux_allocated_bytes(void);

/// Makes this process write one line to descriptor 2 when SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT or SIGFPE
/// ends it:
///
///     worker-died signal=11 errno=12 data_kb=65400 limit_kb=65536 hwm_kb=51200
///
/// `errno` is the value in the thread that died. The numbers with `_kb` are in KiB. `data_kb` and `hwm_kb`
/// are `data` and `peak` of `clinux_memory`. `limit_kb` is RLIMIT_DATA, or 0 without a limit. The line is
/// missing if descriptor 2 accepts no bytes for 100 ms. After the line, an earlier handler of the signal
/// runs. Forked children of this process write no line. The function also calls `clinux_add_signal_stack` for
/// the calling thread. Call this function once. Returns 0, or -1 with errno set.
int clinux_tell_crashes(void);

/// Gives the calling thread a separate stack for signal handlers, unless the thread already has such a stack
/// of sufficient size. Without such a stack, an overflow of the thread's own stack cannot be reported. The
/// new stack is never freed. Returns 0, or -1 with errno set.
int clinux_add_signal_stack(void);

/// Sets RLIMIT_DATA, soft and hard, to `bytes` or to the present soft limit, whichever is lower
/// (setrlimit(2)). Since Linux 4.7, RLIMIT_DATA also limits mmap(2). Returns 0, or -1 with errno set.
int clinux_limit_data(unsigned long bytes);

/// Makes all threads allocate from one heap (mallopt(3), M_ARENA_MAX). With several heaps, memory freed in
/// one heap is not available to the others.
void clinux_use_one_heap(void);

/// Calls `clinux_use_one_heap` if the address space is limited (RLIMIT_AS of getrlimit(2), ulimit -v). Each
/// further heap takes 64 MiB of address space.
void clinux_save_address_space(void);

/// Keeps up to `bytes` of freed memory at the end of the heap instead of returning it to the kernel.
/// Allocates blocks of less than `block_bytes` from the heap, not with mmap(2) (mallopt(3), M_TRIM_THRESHOLD,
/// M_MMAP_THRESHOLD).
void clinux_keep_freed_memory(size_t bytes, size_t block_bytes);

/// Returns 1 in a build with an address, memory or thread sanitizer; 0 otherwise. The memory of such a build
/// must not be limited.
int clinux_is_sanitized(void);

/// Returns the port of the local end of an IPv4 or IPv6 socket (getsockname(2)), or -1 with errno set.
int clinux_local_port(int socket);

/// Returns 1 if a read from `socket` would not wait; 0 otherwise. The input stays unread.
int clinux_has_input(int socket);

/// Replaces the connection of `socket` by a closed connection: writes fail, and reads find the end. Unread
/// input is lost, and epoll(7) no longer watches the socket. Returns 0, or -1 with errno set and the socket
/// unchanged.
int clinux_sever(int socket);

// Replacements of calloc, realloc and free for a faulty library that reads and enlarges a freed block. Such a
// block can be held (`clinux_hold`). The replacements also accept blocks of malloc and strdup.

void *clinux_calloc(size_t count, size_t size);
/// Works as realloc(3), except that it returns NULL for a held block that was freed. If `block` is held and
/// was not freed, ends its hold.
void *clinux_realloc(void *block, size_t size);
/// Frees a block; a held block stays unchanged until `clinux_release` gets it.
void clinux_free(void *block);

/// Returns the block that this thread last got from `clinux_calloc` or `clinux_realloc`. Returns null before
/// the first block, and after a call that found no memory.
void *clinux_last_block(void);

/// Holds a block: `clinux_free` then does not free the block. Returns 0 for success, for NULL and for a block
/// that is held already; -1 if too many blocks are held. The limit is at least 8 blocks, usually several
/// thousand.
int clinux_hold(void *block);

/// Ends the hold of a block. Frees the block if `clinux_free` was called for it during the hold. Does nothing
/// for NULL or for a block that is not held.
void clinux_release(void *block);

/// Makes the kernel send `signal` to this process when the thread that started the process ends (prctl(2),
/// PR_SET_PDEATHSIG). A `signal` of 0 turns this off. The setting survives exec(3), unless the program gains
/// privileges. Returns 0, or -1 with errno set.
int clinux_follow_parent(int signal);

/// Returns the argument with the index `place`, with its bytes unchanged; null if there is none. Index 0 is
/// the program's name. Swift's own list needs /proc, and changes bytes that are not UTF-8.
const char *clinux_argument(int place);

/// Returns all arguments, with a null after the last one, as execve(2) takes them.
char *const *clinux_arguments(void);

/// Overwrites the passwords of URLs in the arguments, which other users can read in /proc (proc(5)). If a URL
/// has a user name without a password, the user name is overwritten. Later calls of `clinux_argument` return
/// the changed arguments.
void clinux_hide_passwords(void);

/// Returns the variable with the index `place` of the environment, as `NAME=VALUE` (environ(7)). Returns null
/// for the index after the last variable; a greater index is not allowed.
const char *clinux_variable(int place);

/// Returns the path by which this program was started (getauxval(3), AT_EXECFN); null if it is not known.
const char *clinux_executable(void);

/// Does the work of process 1 in a PID namespace (pid_namespaces(7)), such as a container; returns at once in
/// any other process.
///
/// Process 1 is the parent of all processes whose own parents have ended, and must reap them. But a program
/// that waits for any child would take the exit statuses of children that other code waits for. So this
/// function starts the program again as a child, with the same arguments, environment and descriptors. It
/// forwards SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1 and SIGUSR2 to the child, unless they are ignored, and
/// reaps all processes. When the child ends, this process exits: with the child's status, or with 128 plus
/// the number of the signal that ended the child. The kernel then ends all other processes of the namespace.
///
/// Call this function before other threads are created. If the program cannot be started again, the function
/// returns in process 1 too.
void clinux_be_first_process(void);

/// The type of the function for `clinux_watch_stream_ends`.
typedef void (*clinux_stream_callback)(void *easy);

/// Calls `callback` for each frame that ends a stream of HTTP/2, before libcurl handles the frame. `callback`
/// gets libcurl's easy handle of the stream. libcurl itself does not report whether a stream was ended or
/// broke off. The calls come from the threads that use libcurl.
void clinux_watch_stream_ends(clinux_stream_callback callback);

/// The type of the function for `clinux_watch_session_ends`. The function returns 1 if it has noted the
/// connection of the easy handle; otherwise 0.
typedef int (*clinux_session_callback)(void *easy);

/// Calls `callback` when nghttp2 has ended a session because of an error while streams are open. Each call
/// gets libcurl's easy handle of one of these streams; the calls stop when a call returns 1. libcurl 7.88
/// reports the end only to the stream that read last. The calls come from the threads that use libcurl, and
/// only if `clinux_watch_stream_ends` was called too.
void clinux_watch_session_ends(clinux_session_callback callback);

/// Begins to count the frames of HTTP/2 that the calling thread receives. Call this function before each call
/// of libcurl that reads from connections. If one connection then brings more than 100 GOAWAY frames, nghttp2
/// fails with NGHTTP2_ERR_CALLBACK_FAILURE (-902). nghttp2 also fails in this way after more than 1,000
/// frames or 16 MiB in a row without content. The session then counts as ended (`clinux_watch_session_ends`).
/// libcurl 7.88 would not return while such frames arrive. The frames are counted only if
/// `clinux_watch_stream_ends` was called before libcurl made the connection.
void clinux_begin_frames(void);

/// Returns 1 if libcurl has made an HTTP/2 connection whose frames are watched; 0 otherwise. The result is
/// always 0 if libcurl does not use the shared library libnghttp2.
int clinux_sees_stream_ends(void);

#endif
