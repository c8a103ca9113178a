// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import FetchModel
import Glibc

// The functions that libcurl calls while a transfer runs. libcurl calls them on the client's thread.
// `context` points to the transfer, which is alive because the client keeps all its transfers. Bounds:
// `bytes` holds `size` times `count` bytes, or `count` bytes if there is no `size`. The bytes are valid only
// during the call.

/// The return value that ends the transfer with CURLE_WRITE_ERROR, unless no bytes were passed.
private let refused = 0

/// CURLOPT_WRITEFUNCTION: processes a piece of the body, as received.
func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return refused }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    transfer.interests.work.note()
    let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    let goesOn = unsafe transfer.response.takeBody(piece) {
        unsafe transfer.easy.offset(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
    }
    // For an empty piece, the value 0 means success. So a refusal returns -1.
    return goesOn ? size * count : size * count == 0 ? -1 : refused
}

/// CURLOPT_HEADERFUNCTION: processes one whole line of a header or of the trailers.
func receiveHeaderLine(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return refused }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    guard size * count > 0 else { return 0 }
    guard unsafe transfer.isOfConnectionsVersion(line) else { return refused }
    if !transfer.response.isAtFirstLine, unsafe line[0] != 0x0D && line[0] != 0x0A {
        unsafe transfer.lastField = clinux_last_block()
    }
    let goesOn = unsafe transfer.response.takeHeaderLine(line.bindMemory(to: UInt8.self).span) {
        unsafe transfer.easy.long(CURLINFO_RESPONSE_CODE)
    }
    return goesOn ? size * count : refused
}

/// CURLOPT_XFERINFOFUNCTION: notes progress.
///
/// The return value 1 ends the transfer with CURLE_ABORTED_BY_CALLBACK.
func noteProgress(
    _ context: UnsafeMutableRawPointer?,
    _ toReceive: curl_off_t,
    _ received: curl_off_t,
    _ toSend: curl_off_t,
    _ sent: curl_off_t
) -> Int32 {
    guard let context = unsafe context else { return 1 }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    transfer.interests.work.note()
    return 0
}

/// CURLOPT_DEBUGFUNCTION: processes a debug message of libcurl; set only for requests that must not be sent
/// twice.
func hearRemark(
    _ easy: UnsafeMutableRawPointer?,
    _ kind: curl_infotype,
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard kind == CURLINFO_TEXT, let context = unsafe context else { return 0 }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    let text = unsafe String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
    transfer.noteRemark(text)
    return 0
}

extension UnsafeMutableRawPointer {
    /// Returns a number of type `curl_off_t` that libcurl has for this easy handle.
    func offset(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        unsafe ccurl_get_offset(self, info, &value)
        return Int(value)
    }

    /// Returns a number of type `long` that libcurl has for this easy handle.
    func long(_ info: CURLINFO) -> Int {
        var value = 0
        unsafe ccurl_get_long(self, info, &value)
        return value
    }

    /// Returns a copy of a text that libcurl has for this easy handle; `nil` if there is none.
    func text(_ info: CURLINFO) -> String? {
        var value: UnsafePointer<CChar>?
        unsafe ccurl_get_text(self, info, &value)
        guard let value = unsafe value else { return nil }
        return unsafe String(cString: value)
    }
}

// The functions that libcurl calls before it opens a connection, and before it sends a request. They run on
// the client's thread, and `context` points to the transfer, as in the functions above. Bounds: the size of
// an address follows from its family (ip(7), ipv6(7)).

/// CURLOPT_OPENSOCKETFUNCTION: opens the socket of a new connection, unless its peer is refused.
///
/// After a refusal, libcurl tries the next address of the host, if there is one.
func openSocket(
    _ context: UnsafeMutableRawPointer?,
    _ purpose: curlsocktype,
    _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let context = unsafe context, let address = unsafe address else { return -1 }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    guard transfer.mayConnect(to: unsafe IPAddress(address)) else { return -1 }
    let type = unsafe address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
    let new = unsafe socket(address.pointee.family, type, address.pointee.protocol)
    if new < 0 {
        transfer.noteNoSocket(errno)
    } else {
        // libcurl keeps an HTTP/2 connection after a time-out. If the peer has vanished without closing the
        // connection, the next tasks would use it for a quarter of an hour. The limit TCP_USER_TIMEOUT
        // (tcp(7)) ends the connection earlier. The limit also ends connect(2). So until the connection is
        // ready, the limit is at least the connect time-out. Then `Transfer.checkConnection` sets
        // `unacknowledgedLimit`.
        limitUnacknowledged(new, milliseconds: max(unacknowledgedLimit, transfer.connectLimit))
        if unsafe address.pointee.family == AF_INET6 { transfer.hasTriedIPv6 = true }
        transfer.noteOpened(new)
    }
    return new
}

/// The time in milliseconds after which a connection that is ready fails if the peer acknowledges no data, or
/// accepts no data.
let unacknowledgedLimit = 20_000

/// Sets the time after which a connection fails if the peer acknowledges no data, or accepts no data.
func limitUnacknowledged(_ socket: Int32, milliseconds: Int) {
    var limit = Int32(clamping: milliseconds)
    let size = socklen_t(MemoryLayout<Int32>.size)
    unsafe _ = setsockopt(socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &limit, size)
}

/// CURLOPT_PREREQFUNCTION: checks the peer and the connection of a request that is about to be sent.
func beforeRequest(
    _ context: UnsafeMutableRawPointer?,
    _ peer: UnsafeMutablePointer<CChar>?,
    _ local: UnsafeMutablePointer<CChar>?,
    _ peerPort: Int32,
    _ localPort: Int32
) -> Int32 {
    guard let context = unsafe context, let peer = unsafe peer else { return CURL_PREREQFUNC_ABORT }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    let text = unsafe UnsafeRawBufferPointer(start: peer, count: strlen(peer))
    let address = unsafe IPAddress(reading: text.bindMemory(to: UInt8.self).span)
    guard transfer.maySendRequest(to: address) else { return CURL_PREREQFUNC_ABORT }
    let connection = SocketInterests.Connection(peer: address, peerPort: peerPort, localPort: localPort)
    return transfer.checkConnection(connection) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

/// Notes that the last frame of a transfer's stream has arrived over HTTP/2 (`clinux_watch_stream_ends`).
func noteStreamEnd(_ easy: UnsafeMutableRawPointer?) {
    var context: UnsafeMutableRawPointer?
    guard let easy = unsafe easy, unsafe ccurl_get_pointer(easy, &context) == CURLE_OK,
        let context = unsafe context
    else { return }
    unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().hasStreamEnd = true
}

/// Notes that the HTTP/2 session of a transfer has ended while streams of the session are open; returns 0 if
/// the connection is not known, and otherwise 1 (`clinux_watch_session_ends`).
func noteSessionEnd(_ easy: UnsafeMutableRawPointer?) -> Int32 {
    var context: UnsafeMutableRawPointer?
    guard let easy = unsafe easy, unsafe ccurl_get_pointer(easy, &context) == CURLE_OK,
        let context = unsafe context
    else { return 0 }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    guard let connection = transfer.sharedConnection else { return 0 }
    transfer.interests.ended.append(connection)
    return 1
}

extension IPAddress {
    /// Creates the address that a new connection leads to; `nil` for families other than IPv4 and IPv6.
    fileprivate init?(_ address: UnsafeMutablePointer<curl_sockaddr>) {
        guard let start = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return nil }
        // libcurl's internal structure ends with enough space for any address. The public structure
        // `curl_sockaddr` declares only a part of this space.
        let bytes = unsafe UnsafeRawPointer(address) + start
        switch unsafe address.pointee.family {
        case AF_INET:
            let value = unsafe bytes.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr
            self = .v4(UInt32(bigEndian: value))
        case AF_INET6:
            let value = unsafe bytes.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            self = .v6(UInt128(bigEndian: unsafe unsafeBitCast(value, to: UInt128.self)))
        default: return nil
        }
    }
}
