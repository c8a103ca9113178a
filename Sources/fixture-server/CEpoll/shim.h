// SPDX-License-Identifier: MIT
// fetchpool

// epoll(7), timerfd_create(2) and signalfd(2): Swift's Glibc module leaves these headers out.

#ifndef FIXTURE_SERVER_CEPOLL_H
#define FIXTURE_SERVER_CEPOLL_H

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#endif
