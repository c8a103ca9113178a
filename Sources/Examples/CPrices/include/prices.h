// SPDX-License-Identifier: MIT
// fetchpool

#pragma once

long price_in_cents(const char *page);
