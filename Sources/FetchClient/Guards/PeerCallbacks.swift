// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import FetchModel
import Glibc

// What libcurl calls before it speaks to a peer: on the client's thread, from inside a call of the client, with a
// pointer to the transfer, which the client keeps alive as long as its handle. Bounds: an address is as large as its
// family says (ip(7), ipv6(7)).

/// CURLOPT_OPENSOCKETFUNCTION: opens the socket of a new connection, unless its peer is excluded.
///
/// After a refusal libcurl goes on to the next address that the name has.
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
    if new >= 0 { transfer.noteOpened(new) }
    return new
}

/// CURLOPT_PREREQFUNCTION: a request is about to be sent on a connection that was made for it, or is used again.
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

extension IPAddress {
    /// The address that a connection is to be made to; nil for other families than those of IP.
    fileprivate init?(_ address: UnsafeMutablePointer<curl_sockaddr>) {
        guard let start = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return nil }
        // libcurl's own structure ends with room for any address, of which the public one shows a part.
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
