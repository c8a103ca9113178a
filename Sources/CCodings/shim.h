// SPDX-License-Identifier: MIT
// fetchpool
//
// The libraries that decode content codings (RFC 9110 §8.4.1) and compressed files. zlib is linked. brotli
// and zstd are not linked, because their headers are often missing. The functions of these two are looked up
// by name in the loaded libraries. The types below match <brotli/decode.h> and <zstd.h>.

#ifndef FETCHPOOL_CCODINGS_SHIM_H
#define FETCHPOOL_CCODINGS_SHIM_H

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

/// The results of brotli's decoder (BrotliDecoderResult).
enum { ccodings_brotli_error = 0, ccodings_brotli_success = 1, ccodings_brotli_wants_input = 2, ccodings_brotli_has_output = 3 };

typedef struct {
    void *(*create)(void *allocate, void *free, void *context);
    int (*decode)(
        void *decoder, size_t *input_count, const uint8_t **input, size_t *output_room, uint8_t **output, size_t *total);
    void (*destroy)(void *decoder);
} ccodings_brotli;

/// Finds the functions of brotli's decoder. Returns 1, or 0 if the library is not loaded or lacks a function.
static inline int ccodings_find_brotli(ccodings_brotli *found) {
    *(void **)&found->create = dlsym(NULL, "BrotliDecoderCreateInstance");
    *(void **)&found->decode = dlsym(NULL, "BrotliDecoderDecompressStream");
    *(void **)&found->destroy = dlsym(NULL, "BrotliDecoderDestroyInstance");
    return found->create != NULL && found->decode != NULL && found->destroy != NULL;
}

/// The layout of ZSTD_inBuffer.
typedef struct {
    const void *bytes;
    size_t count;
    size_t position;
} ccodings_zstd_input;

/// The layout of ZSTD_outBuffer.
typedef struct {
    void *bytes;
    size_t count;
    size_t position;
} ccodings_zstd_output;

typedef struct {
    void *(*create)(void);
    size_t (*limit)(void *decoder, int parameter, int value);
    size_t (*decode)(void *decoder, ccodings_zstd_output *output, ccodings_zstd_input *input);
    unsigned (*is_error)(size_t result);
    size_t (*destroy)(void *decoder);
    const char *(*error_name)(size_t result);
} ccodings_zstd;

/// The number of the parameter ZSTD_d_windowLogMax.
enum { ccodings_zstd_max_window = 100 };

/// Finds the functions of zstd's decoder. Returns 1, or 0 if the library is not loaded or lacks a function.
static inline int ccodings_find_zstd(ccodings_zstd *found) {
    *(void **)&found->create = dlsym(NULL, "ZSTD_createDStream");
    *(void **)&found->limit = dlsym(NULL, "ZSTD_DCtx_setParameter");
    *(void **)&found->decode = dlsym(NULL, "ZSTD_decompressStream");
    *(void **)&found->is_error = dlsym(NULL, "ZSTD_isError");
    *(void **)&found->destroy = dlsym(NULL, "ZSTD_freeDStream");
    *(void **)&found->error_name = dlsym(NULL, "ZSTD_getErrorName");
    return found->create != NULL && found->limit != NULL && found->decode != NULL && found->is_error != NULL
        && found->destroy != NULL && found->error_name != NULL;
}

/// Loads zstd. Returns 1, or 0 if the library cannot be loaded.
static inline int ccodings_load_zstd(void) { return dlopen("libzstd.so.1", RTLD_NOW | RTLD_GLOBAL) != NULL; }

#endif
