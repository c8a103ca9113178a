// SPDX-License-Identifier: MIT
// fetchpool

import CCurl

/// One multi handle of libcurl, with the caches that libcurl keeps in it: connections, names, and what it
/// trusts.
///
/// libcurl 7.88 never forgets a host whose last connection it took out of its full cache, and walks all hosts
/// and names again and again. So the loop uses a handle for some hosts, and then another. Calls come from the
/// client's thread alone, and none from inside a callback of libcurl.
@safe
final class MultiHandle {
    /// The place of the handle in the loop's table.
    let slot: Int
    /// The time at which libcurl's timer runs out, in milliseconds of the monotonic clock; `nil` if it has none.
    var timer: Int?
    /// True once no more transfers are added, but for those in it to end.
    private(set) var isRetired = false
    /// The number of transfers that were added and not removed.
    private(set) var transfers = 0
    /// The addresses that the handle was given.
    @exclusivity(unchecked) @safe
    var names: GivenNames
    private let multi: UnsafeMutableRawPointer
    /// Told by libcurl what to watch; outlives `multi`.
    private let interests: SocketInterests
    /// A transfer that fails at once; see `closeIdleConnections`.
    private var sweeper: UnsafeMutableRawPointer?
    private var isSweeping = false

    /// Makes a handle that keeps up to so many connections open; `nil` without memory.
    init?(slot: Int, maxConnections: Int, concurrency: Int, interests: SocketInterests) {
        guard let multi = unsafe curl_multi_init() else { return nil }
        (self.slot, self.interests) = (slot, interests)
        names = GivenNames(concurrency: concurrency)
        unsafe self.multi = unsafe multi
        // It holds nothing alive: libcurl calls back only before the end of `deinit`.
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, maxConnections)
        unsafe ccurl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, context)
        unsafe ccurl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, context)
        unsafe ccurl_multi_set_socket_callback(multi, watchSocket)
        unsafe ccurl_multi_set_timer_callback(multi, setTimer)
    }

    /// libcurl closes the connections here, and still calls back while it does.
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

    /// Notes that no more transfers will be added.
    func retire() {
        isRetired = true
        // Nobody will ask for the connections again that come back.
        unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 1)
    }

    /// Notes what a socket is to be watched for.
    func set(_ socket: Int32, _ events: UInt32) { interests.set(socket, events, for: slot) }

    /// Lets libcurl act on a socket.
    func act(on socket: Int32, _ readiness: Int32) {
        var running: Int32 = 0
        unsafe _ = curl_multi_socket_action(multi, socket, readiness, &running)
    }

    /// Lets libcurl look at all transfers although nothing has happened.
    func lookAtAll() {
        var running: Int32 = 0
        unsafe _ = ccurl_multi_look_at_all(multi, &running)
    }

    /// Lets libcurl act on its timer, if that has run out.
    func fireTimer(now: Int) {
        guard let timer, timer <= now else { return }
        // libcurl names a new time where it needs one.
        self.timer = nil
        act(on: CURL_SOCKET_TIMEOUT, 0)
        names.endTurn()
    }

    /// Takes the next transfer that has ended.
    func nextDone() -> (easy: UnsafeMutableRawPointer, code: CURLcode)? {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            // Valid until the next call; both members are copied out.
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

    /// Closes connections that have been idle for more than a second.
    ///
    /// libcurl offers no such call. But once a second, where a transfer begins, it looks for connections that
    /// are older than the transfer wants them; so one begins here that may not open a socket.
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
