// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux

/// A multi handle of libcurl (libcurl-multi(3)), with its caches of connections, names and trusted
/// certificates.
///
/// libcurl 7.88 removes connections from a full cache, but never forgets their hosts, and often scans all
/// hosts and names. So the client gives a limited number of hosts to a handle, and then creates the next
/// handle.
///
/// Only the client's thread may call the functions. From inside a callback of libcurl, only `set` may be
/// called.
@safe
final class MultiHandle {
    /// The index of the handle in `MultiLoop.handles`.
    let slot: Int
    /// The time at which libcurl's timer fires, in milliseconds of the monotonic clock; `nil` if none is set.
    var timer: Int?
    /// True once the handle gets no more transfers.
    private(set) var isRetired = false
    /// The number of transfers that were added and not yet removed, without `sweeper`.
    private(set) var transfers = 0
    /// The host addresses that the client has given to the handle.
    @exclusivity(unchecked) @safe
    var names: GivenNames
    private let multi: UnsafeMutableRawPointer
    /// The record of the descriptors to watch; it outlives `multi`.
    private let interests: SocketInterests
    /// The transfer that `closeIdleConnections` begins; `nil` before the first call.
    private var sweeper: UnsafeMutableRawPointer?
    private var isSweeping = false

    /// Creates a handle that keeps at most `maxConnections` connections open; returns `nil` if memory runs
    /// out.
    init?(slot: Int, maxConnections: Int, concurrency: Int, interests: SocketInterests) {
        guard let multi = unsafe curl_multi_init() else { return nil }
        (self.slot, self.interests) = (slot, interests)
        names = GivenNames(concurrency: concurrency)
        unsafe self.multi = unsafe multi
        // An unretained pointer suffices: libcurl calls back only before the end of `deinit`.
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, maxConnections)
        unsafe ccurl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, context)
        unsafe ccurl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, context)
        unsafe ccurl_multi_set_socket_callback(multi, watchSocket)
        unsafe ccurl_multi_set_timer_callback(multi, setTimer)
    }

    /// Frees the handle; libcurl closes the connections here and calls the callbacks meanwhile.
    deinit {
        if let sweeper = unsafe sweeper {
            unsafe _ = curl_multi_remove_handle(multi, sweeper)
            unsafe curl_easy_cleanup(sweeper)
        }
        unsafe _ = curl_multi_cleanup(multi)
    }

    func add(_ easy: UnsafeMutableRawPointer) {
        transfers += 1
        unsafe _ = curl_multi_add_handle(multi, easy)
    }

    func remove(_ easy: UnsafeMutableRawPointer) {
        transfers -= 1
        unsafe _ = curl_multi_remove_handle(multi, easy)
    }

    /// Notes that the handle gets no more transfers, and limits its cache to a single connection.
    func retire() {
        isRetired = true
        // No later transfer will reuse the connections that become idle.
        unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 1)
    }

    /// Records the events for which the kernel must watch a socket.
    func set(_ socket: Int32, _ events: UInt32) { interests.set(socket, events, for: slot) }

    /// Lets libcurl process the events of a socket.
    func act(on socket: Int32, _ readiness: Int32) {
        var running: Int32 = 0
        clinux_begin_frames()
        unsafe _ = curl_multi_socket_action(multi, socket, readiness, &running)
    }

    /// Lets libcurl check all transfers, even without an event.
    func lookAtAll() {
        var running: Int32 = 0
        clinux_begin_frames()
        unsafe _ = ccurl_multi_look_at_all(multi, &running)
    }

    /// Lets libcurl process its timer if the timer has run out; does nothing otherwise.
    func fireTimer(now: Int) {
        guard let timer, timer <= now else { return }
        // libcurl sets a new time if necessary.
        self.timer = nil
        act(on: CURL_SOCKET_TIMEOUT, 0)
        names.endTurn()
    }

    /// Returns the next transfer that has ended and was not yet returned; `nil` if there is none.
    func nextDone() -> (easy: UnsafeMutableRawPointer, code: CURLcode)? {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            // The message is valid until the next call, so both members are copied.
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle
            else { continue }
            guard unsafe easy != sweeper else {
                unsafe _ = curl_multi_remove_handle(multi, easy)
                isSweeping = false
                continue
            }
            return unsafe (easy, ccurl_message_result(message))
        }
        return nil
    }

    /// Lets libcurl close the connections that have been idle for more than a second.
    ///
    /// libcurl has no function for this. But when a transfer begins, libcurl closes the connections that have
    /// been idle for longer than the transfer accepts. So this function begins a transfer that accepts an
    /// idle time of one second. The transfer then fails because it may not open a socket. While this transfer
    /// has not ended, further calls do nothing.
    func closeIdleConnections() {
        guard !isSweeping, let easy = unsafe sweeper ?? Self.makeSweeper() else { return }
        unsafe sweeper = unsafe easy
        isSweeping = true
        unsafe _ = curl_multi_add_handle(multi, easy)
    }

    private static func makeSweeper() -> UnsafeMutableRawPointer? {
        guard let easy = unsafe curl_easy_init() else { return nil }
        unsafe ccurl_set_text(easy, CURLOPT_URL, "http://127.0.0.1/")
        unsafe ccurl_set_text(easy, CURLOPT_PROXY, "")
        unsafe ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
        unsafe ccurl_set_long(easy, CURLOPT_MAXAGE_CONN, 1)
        unsafe ccurl_set_open_callback(easy) { _, _, _ in -1 }
        return unsafe easy
    }
}
