// SPDX-License-Identifier: MIT
// fetchpool

#ifndef FETCHPOOL_CCurl_SHIM_H
#define FETCHPOOL_CCurl_SHIM_H

#include <curl/curl.h>

#endif
