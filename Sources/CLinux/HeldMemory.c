// SPDX-License-Identifier: MIT
// fetchpool

#include "CLinux.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

// The addresses of the held blocks (`clinux_hold`). A bucket has the size of a cache line, 64 bytes. Blocks
// are aligned to 16 bytes, so the lowest bit of an address is 0. In a slot, this bit becomes 1 when
// `clinux_free` gets the held block. The slots are atomic because any thread can call `clinux_free`.
//
// `counts` has the number of held blocks in each bucket. Few blocks are held, so nearly every call of
// `clinux_free` reads no bucket, but only one byte of `counts`. The 4 KiB of `counts` stay in the cache.

enum { BUCKETS = 4096, SLOTS = 8 };
static _Atomic uintptr_t held[BUCKETS][SLOTS];
static _Atomic uint8_t counts[BUCKETS];
static const uintptr_t freed = 1;

static _Thread_local void *last;

static size_t bucket(const void *block) {
    uintptr_t hash = (uintptr_t)block >> 4;
    return (hash ^ hash >> 12) % BUCKETS;
}

/// Returns a slot with the address `wanted` in the bucket of `block`; NULL if there is none. An empty slot
/// has the address 0.
static _Atomic uintptr_t *find(const void *block, uintptr_t wanted) {
    _Atomic uintptr_t *slots = held[bucket(block)];
    for (int index = 0; index < SLOTS; index++) {
        if ((atomic_load_explicit(&slots[index], memory_order_relaxed) & ~freed) == wanted) return &slots[index];
    }
    return NULL;
}

/// Returns the slot of a held block; NULL if the block is not held.
static _Atomic uintptr_t *find_held(const void *block) {
    if (atomic_load_explicit(&counts[bucket(block)], memory_order_relaxed) == 0) return NULL;
    return find(block, (uintptr_t)block);
}

/// Empties the slot of a held block, and returns the previous value of the slot.
static uintptr_t empty(_Atomic uintptr_t *slot, const void *block) {
    atomic_fetch_sub_explicit(&counts[bucket(block)], 1, memory_order_relaxed);
    return atomic_exchange_explicit(slot, 0, memory_order_relaxed);
}

void *clinux_last_block(void) { return last; }

int clinux_hold(void *block) {
    if (block == NULL || find_held(block) != NULL) return 0;
    _Atomic uintptr_t *slot = find(block, 0);
    if (slot == NULL) return -1;
    atomic_store_explicit(slot, (uintptr_t)block, memory_order_relaxed);
    atomic_fetch_add_explicit(&counts[bucket(block)], 1, memory_order_relaxed);
    return 0;
}

void clinux_release(void *block) {
    if (block == NULL) return;
    _Atomic uintptr_t *slot = find_held(block);
    if (slot != NULL && empty(slot, block) & freed) free(block);
}

void *clinux_calloc(size_t count, size_t size) {
    last = calloc(count, size);
    return last;
}

void *clinux_realloc(void *block, size_t size) {
    if (block != NULL) {
        _Atomic uintptr_t *slot = find_held(block);
        if (slot != NULL) {
            if (atomic_load_explicit(slot, memory_order_relaxed) & freed) return NULL;
            (void)empty(slot, block);
        }
    }
    last = realloc(block, size);
    return last;
}

void clinux_free(void *block) {
    if (block == NULL) return;
    _Atomic uintptr_t *slot = find_held(block);
    if (slot == NULL) {
        free(block);
    } else {
        atomic_store_explicit(slot, (uintptr_t)block | freed, memory_order_relaxed);
    }
}
