// SPDX-License-Identifier: MIT
// fetchpool

#define _GNU_SOURCE
#include "CLinux.h"

#include <dlfcn.h>
#include <stdint.h>

// The beginning of each variant of the union nghttp2_frame (nghttp2.h).
typedef struct {
    size_t length;
    int32_t stream_id;
    uint8_t type;
    uint8_t flags;
    uint8_t reserved;
} frame_header;

typedef int (*frame_callback)(void *session, const frame_header *frame, void *context);
typedef void (*setter)(void *callbacks, frame_callback callback);
typedef void *(*stream_data)(void *session, int32_t stream_id);

static _Atomic(clinux_stream_callback) ended;
static _Atomic(frame_callback) original;
static _Atomic(stream_data) data_of_stream;

static int receive_frame(void *session, const frame_header *frame, void *context) {
    enum { DATA = 0, HEADERS = 1, END_STREAM = 1 };  // RFC 9113 §6.1, §6.2
    if ((frame->type == DATA || frame->type == HEADERS) && (frame->flags & END_STREAM) != 0) {
        void *easy = data_of_stream(session, frame->stream_id);
        clinux_stream_callback callback = ended;
        if (easy != NULL && callback != NULL) callback(easy);
    }
    return original(session, frame, context);
}

// libcurl calls the function of this name in libnghttp2 for each HTTP/2 connection. The dynamic linker finds
// this one first, since it is in the program.
__attribute__((visibility("default"))) void nghttp2_session_callbacks_set_on_frame_recv_callback(
    void *callbacks, frame_callback callback) {
    setter set = (setter)dlsym(RTLD_NEXT, "nghttp2_session_callbacks_set_on_frame_recv_callback");
    stream_data data = (stream_data)dlsym(RTLD_NEXT, "nghttp2_session_get_stream_user_data");
    if (set == NULL) return;
    // A program may use nghttp2 without libcurl.
    if (data == NULL || ended == NULL) {
        set(callbacks, callback);
        return;
    }
    data_of_stream = data;
    original = callback;
    set(callbacks, receive_frame);
}

void clinux_watch_stream_ends(clinux_stream_callback callback) { ended = callback; }

int clinux_sees_stream_ends(void) { return original != NULL; }
