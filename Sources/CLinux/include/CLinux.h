// SPDX-License-Identifier: MIT
// fetchpool
//
// Linux calls that neither Foundation nor Glibc's Swift overlay offers. Nothing here decides anything.

#ifndef FETCHPOOL_CLINUX_H
#define FETCHPOOL_CLINUX_H

// Swift's Glibc module leaves these out: epoll(7), signalfd(2), timerfd_create(2).
#include <sys/epoll.h>
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

/// A pipe whose ends are close-on-exec from their first moment (pipe2(2)); `flags` adds O_NONBLOCK if wanted.
/// Returns 0, or -1 with errno set.
int clinux_pipe(int *reader, int *writer, int flags);

#endif
