// SPDX-License-Identifier: MIT
// fetchpool

#define _GNU_SOURCE
#include "CLinux.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

// The beginning of each variant of the union nghttp2_frame (nghttp2.h).
typedef struct {
    size_t length;
    int32_t stream_id;
    uint8_t type;
    uint8_t flags;
    uint8_t reserved;
} frame_header;

// The beginning of nghttp2_data.
typedef struct {
    frame_header header;
    size_t padding;
} data_frame;

typedef int (*frame_callback)(void *session, const frame_header *frame, void *context);
typedef void (*setter)(void *callbacks, frame_callback callback);
typedef void *(*stream_data)(void *session, int32_t stream_id);
typedef ssize_t (*receiver)(void *session, const uint8_t *bytes, size_t count);

typedef int (*session_question)(void *session);
typedef uint32_t (*stream_number)(void *session);

static _Atomic(clinux_stream_callback) ended;
static _Atomic(clinux_session_callback) stranded;
static _Atomic(frame_callback) original;
static _Atomic(stream_data) data_of_stream;
static _Atomic(session_question) original_question;

enum { DATA = 0, HEADERS = 1, GOAWAY = 7 };  // RFC 9113 §6
enum { END_STREAM = 1 };                     // RFC 9113 §6.1, §6.2
enum { CALLBACK_FAILURE = -902 };            // nghttp2.h

// The frames of one session since the last call of clinux_begin_frames. libcurl reads one session until there
// is nothing to read, so it is enough to remember the last session.
static _Thread_local struct {
    void *session;
    unsigned goaways;
    unsigned idle_frames;
    size_t idle_bytes;
} turn;

void clinux_begin_frames(void) { turn.session = NULL; }

static void begin_turn(void *session) {
    if (turn.session == session) return;
    turn.session = session;
    turn.goaways = turn.idle_frames = 0;
    turn.idle_bytes = 0;
}

static bool is_flood(void *session, const frame_header *frame) {
    // A server that shuts down sends two GOAWAY (RFC 9113 §6.8). An upload can bring many WINDOW_UPDATE.
    enum { MAX_GOAWAYS = 100, MAX_IDLE_FRAMES = 1000 };
    begin_turn(session);
    if (frame->type == GOAWAY) return ++turn.goaways > MAX_GOAWAYS;
    bool has_content = frame->type == HEADERS;
    if (frame->type == DATA) {
        bool ends_stream = (frame->flags & END_STREAM) != 0;
        has_content = ends_stream || frame->length > ((const data_frame *)frame)->padding;
    }
    if (has_content) {
        turn.idle_frames = 0;
        turn.idle_bytes = 0;
    } else {
        turn.idle_frames += 1;
    }
    return turn.idle_frames > MAX_IDLE_FRAMES;
}

// Reports a session whose open streams will get nothing more.
static void report_end(void *session) {
    clinux_session_callback callback = stranded;
    stream_number next = (stream_number)dlsym(RTLD_NEXT, "nghttp2_session_get_next_stream_id");
    stream_data data = data_of_stream;
    if (callback == NULL || next == NULL || data == NULL) return;
    // The streams of a client have odd numbers. The newest streams are the most likely to be open.
    enum { MOST = 100000 };
    int64_t last = (int64_t)next(session) - 2;
    for (int64_t stream = last; stream > 0 && stream > last - MOST; stream -= 2) {
        void *easy = data(session, (int32_t)stream);
        if (easy != NULL && callback(easy) != 0) return;
    }
}

// libcurl passes the bytes that it receives to the function of this name. For frames of unknown types, and
// for frames of streams that have ended, nghttp2 does not call receive_frame. So this function counts the
// bytes.
__attribute__((visibility("default"))) ssize_t nghttp2_session_mem_recv(
    void *session, const uint8_t *bytes, size_t count) {
    static _Atomic(receiver) next;
    // After libcurl has cancelled a stream, some MiB of the stream's body can still arrive.
    enum { MAX_IDLE_BYTES = 16 << 20 };
    receiver receive = next;
    if (receive == NULL) next = receive = (receiver)dlsym(RTLD_NEXT, "nghttp2_session_mem_recv");
    if (receive == NULL) return CALLBACK_FAILURE;
    begin_turn(session);
    turn.idle_bytes += count;
    bool is_flooded = turn.idle_bytes > MAX_IDLE_BYTES && original != NULL;
    ssize_t result = is_flooded ? CALLBACK_FAILURE : receive(session, bytes, count);
    // Without this report, libcurl would use the connection again, and give the same bytes to nghttp2 once
    // more.
    if (result == CALLBACK_FAILURE) report_end(session);
    return result;
}

static int receive_frame(void *session, const frame_header *frame, void *context) {
    if (is_flood(session, frame)) return CALLBACK_FAILURE;
    if ((frame->type == DATA || frame->type == HEADERS) && (frame->flags & END_STREAM) != 0) {
        void *easy = data_of_stream(session, frame->stream_id);
        clinux_stream_callback callback = ended;
        if (easy != NULL && callback != NULL) callback(easy);
    }
    return original(session, frame, context);
}

// libcurl calls a function of this name for each HTTP/2 connection. libnghttp2 has such a function, but the
// dynamic linker first finds the function below, since it is in the program.
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

// libcurl calls the function of this name after each read from an HTTP/2 connection, when libcurl has sent
// what nghttp2 wanted to send. If nghttp2 has ended the session because of an error, nghttp2 wants to read no
// more, although streams are open (nghttp2_session_want_read).
__attribute__((visibility("default"))) int nghttp2_session_check_request_allowed(void *session) {
    session_question allows = original_question;
    if (allows == NULL) {
        allows = (session_question)dlsym(RTLD_NEXT, "nghttp2_session_check_request_allowed");
        original_question = allows;
    }
    int result = allows == NULL ? 0 : allows(session);
    if (result != 0) return result;
    session_question reads = (session_question)dlsym(RTLD_NEXT, "nghttp2_session_want_read");
    if (reads != NULL && reads(session) == 0) report_end(session);
    return result;
}

void clinux_watch_stream_ends(clinux_stream_callback callback) { ended = callback; }

void clinux_watch_session_ends(clinux_session_callback callback) { stranded = callback; }

int clinux_sees_stream_ends(void) { return original != NULL; }
