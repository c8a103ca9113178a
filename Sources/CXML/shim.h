// SPDX-License-Identifier: MIT
// fetchpool

#ifndef FETCHPOOL_CXML_SHIM_H
#define FETCHPOOL_CXML_SHIM_H

#include <libxml/HTMLparser.h>

#endif
