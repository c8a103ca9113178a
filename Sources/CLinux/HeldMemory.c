// SPDX-License-Identifier: MIT
// fetchpool

#include "CLinux.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

// The addresses of the held blocks. A bucket has the size of a cache line, 64 bytes. Blocks are aligned to 16
// bytes, so the lowest bit of an address is 0. In a slot, this bit becomes 1 when `clinux_free` gets the held
// block. The slots are atomic because any thread can call `clinux_free`.

enum { BUCKETS = 4096, SLOTS = 8 };
static _Atomic uintptr_t held[BUCKETS][SLOTS];
static const uintptr_t freed = 1;

static _Thread_local void *last;

/// Returns a slot with the address `wanted` in the bucket of `block`; NULL if there is none. The address in a
/// free slot is 0.
static _Atomic uintptr_t *find(const void *block, uintptr_t wanted) {
    uintptr_t hash = (uintptr_t)block >> 4;
    _Atomic uintptr_t *slots = held[(hash ^ hash >> 12) % BUCKETS];
    for (int index = 0; index < SLOTS; index++) {
        if ((atomic_load_explicit(&slots[index], memory_order_relaxed) & ~freed) == wanted) return &slots[index];
    }
    return NULL;
}

void *clinux_last_block(void) { return last; }

void clinux_hold(void *block) {
    if (block == NULL || find(block, (uintptr_t)block) != NULL) return;
    _Atomic uintptr_t *slot = find(block, 0);
    if (slot != NULL) atomic_store_explicit(slot, (uintptr_t)block, memory_order_relaxed);
}

void clinux_release(void *block) {
    if (block == NULL) return;
    _Atomic uintptr_t *slot = find(block, (uintptr_t)block);
    if (slot == NULL) return;
    uintptr_t state = atomic_exchange_explicit(slot, 0, memory_order_relaxed);
    if (state & freed) free(block);
}

void *clinux_calloc(size_t count, size_t size) {
    last = calloc(count, size);
    return last;
}

void *clinux_realloc(void *block, size_t size) {
    if (block != NULL) {
        _Atomic uintptr_t *slot = find(block, (uintptr_t)block);
        if (slot != NULL) {
            if (atomic_load_explicit(slot, memory_order_relaxed) & freed) return NULL;
            atomic_store_explicit(slot, 0, memory_order_relaxed);
        }
    }
    last = realloc(block, size);
    return last;
}

void clinux_free(void *block) {
    if (block == NULL) return;
    _Atomic uintptr_t *slot = find(block, (uintptr_t)block);
    if (slot == NULL) {
        free(block);
    } else {
        atomic_store_explicit(slot, (uintptr_t)block | freed, memory_order_relaxed);
    }
}
