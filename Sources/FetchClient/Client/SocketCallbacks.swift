// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import Glibc
import Platform

// The functions that libcurl calls for its sockets and its timer. libcurl calls them on the client's thread,
// during a call of the client. Each function gets a pointer to a `MultiHandle` or to the loop's
// `SocketInterests`. Both objects live until libcurl has made its last call.

extension SocketInterests {
    /// The pointer that libcurl passes to `closeSocket`; it does not keep the object alive.
    var context: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }

    fileprivate static func at(_ context: UnsafeMutableRawPointer?) -> SocketInterests? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<SocketInterests>.fromOpaque(context).takeUnretainedValue()
    }
}

extension MultiHandle {
    fileprivate static func at(_ context: UnsafeMutableRawPointer?) -> MultiHandle? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<MultiHandle>.fromOpaque(context).takeUnretainedValue()
    }
}

/// CURLMOPT_SOCKETFUNCTION: records the events for which libcurl wants a socket watched.
func watchSocket(
    _ easy: UnsafeMutableRawPointer?,
    _ socket: curl_socket_t,
    _ what: Int32,
    _ context: UnsafeMutableRawPointer?,
    _ socketContext: UnsafeMutableRawPointer?
) -> Int32 {
    let events: UInt32 =
        switch what {
        case CURL_POLL_IN: EPOLLIN.rawValue
        case CURL_POLL_OUT: EPOLLOUT.rawValue
        case CURL_POLL_INOUT: EPOLLIN.rawValue | EPOLLOUT.rawValue
        default: 0
        }
    unsafe MultiHandle.at(context)?.set(socket, events)
    return 0
}

/// CURLMOPT_TIMERFUNCTION: records the time at which libcurl's timer fires.
///
/// `milliseconds` counts from now; -1 stops the timer.
func setTimer(
    _ multi: UnsafeMutableRawPointer?,
    _ milliseconds: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    let time = milliseconds < 0 ? nil : MonotonicClock.milliseconds() + milliseconds
    unsafe MultiHandle.at(context)?.timer = time
    return 0
}

/// CURLOPT_CLOSESOCKETFUNCTION: closes the socket of a connection.
func closeSocket(_ context: UnsafeMutableRawPointer?, _ socket: curl_socket_t) -> Int32 {
    unsafe SocketInterests.at(context)?.closing(socket)
    return close(socket)
}
