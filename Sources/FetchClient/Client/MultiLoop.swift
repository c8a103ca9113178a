// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import Glibc

/// A multi handle of libcurl driven by epoll, without ever waiting.
///
/// Measured against `curl_multi_poll`, which walks all transfers in each turn.
@safe
final class MultiLoop {
    private let multi: UnsafeMutableRawPointer
    /// Told by libcurl what to watch; outlives `multi`, which holds a plain pointer to it.
    let interests: SocketInterests
    // A plain buffer for the kernel to fill; the union in its elements is what the language calls unsafe.
    private var events = unsafe [epoll_event](repeating: epoll_event(), count: 256)
    /// The events that were taken from the kernel and not handled yet.
    private var unhandled = 0..<0
    /// The time for which events are handled in one turn, in milliseconds: the owner has other things to do.
    private static let turn = 50

    /// Makes a loop that keeps up to so many connections open.
    init(maxConnections: Int) throws(FetchClientError) {
        let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else {
            // The text is copied before anything else may overwrite it.
            throw .events(unsafe String(cString: strerror(errno)))
        }
        interests = SocketInterests(descriptor: descriptor)
        guard let multi = unsafe curl_multi_init() else { throw .library }
        unsafe self.multi = unsafe multi
        unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, maxConnections)
        unsafe ccurl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, interests.context)
        unsafe ccurl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, interests.context)
        unsafe ccurl_multi_set_socket_callback(multi, watchSocket)
        unsafe ccurl_multi_set_timer_callback(multi, setTimer)
    }

    /// libcurl closes its connections here, and still calls back while it does.
    deinit { unsafe _ = curl_multi_cleanup(multi) }

    /// Starts what was added, tells the kernel what to watch, and says how long to wait at most: in milliseconds, -1
    /// if there is no timer.
    func settle() -> Int32 {
        fireTimer()
        interests.tellAll()
        guard unhandled.isEmpty else { return 0 }
        guard let timer = interests.timer else { return -1 }
        return Int32(clamping: max(timer - SocketInterests.now(), 0))
    }

    func add(_ easy: UnsafeMutableRawPointer) { unsafe _ = curl_multi_add_handle(multi, easy) }

    func remove(_ easy: UnsafeMutableRawPointer) { unsafe _ = curl_multi_remove_handle(multi, easy) }

    /// Handles the events that are there, or as many as fit into one turn.
    ///
    /// libcurl follows a socket while data is there, so a single event may take as long as the whole body of an answer.
    func advance() {
        if unhandled.isEmpty {
            guard interests.areAny else { return }
            let count = unsafe epoll_wait(interests.descriptor, &events, Int32(events.count), 0)
            unhandled = 0..<max(Int(count), 0)
        }
        guard !unhandled.isEmpty else { return }
        let end = SocketInterests.now() + Self.turn
        while let index = unhandled.popFirst() {
            let event = unsafe events[index]
            unsafe act(on: event.data.fd, Self.readiness(event.events))
            if SocketInterests.now() >= end { return }
        }
    }

    /// Lets libcurl look at all transfers although nothing has happened.
    ///
    /// libcurl 7.88 gives each address of a host a part of the time, but does not wake for the next one, and may leave data
    /// unread that no event tells of again. The curl tool, for which that is no matter, looks at everything once a second.
    func lookAtAll() {
        var running: Int32 = 0
        unsafe _ = ccurl_multi_look_at_all(multi, &running)
    }

    private func act(on socket: Int32, _ readiness: Int32) {
        var running: Int32 = 0
        unsafe _ = curl_multi_socket_action(multi, socket, readiness, &running)
    }

    /// Takes the next transfer that has ended.
    func nextDone() -> (easy: UnsafeMutableRawPointer, code: CURLcode)? {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            // Valid until the next call; both members are copied out.
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle
            else { continue }
            return unsafe (easy, ccurl_message_result(message))
        }
        return nil
    }

    private func fireTimer() {
        guard let timer = interests.timer, timer <= SocketInterests.now() else { return }
        // libcurl names a new time where it needs one.
        interests.timer = nil
        var running: Int32 = 0
        unsafe curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
    }

    private static func readiness(_ events: UInt32) -> Int32 {
        var result: Int32 = 0
        if events & EPOLLIN.rawValue != 0 { result |= CURL_CSELECT_IN }
        if events & EPOLLOUT.rawValue != 0 { result |= CURL_CSELECT_OUT }
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { result |= CURL_CSELECT_ERR }
        return result
    }
}
