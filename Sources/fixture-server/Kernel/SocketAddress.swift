// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

// Bounds: a `sockaddr_storage` has space for an address of any family (socket(7)). Each pointer to the
// storage is used only during one call, which also gets the number of bytes.

/// The address on which a server listens: an IPv4 or IPv6 address with a port, or the path of a local socket
/// (unix(7)).
@safe struct SocketAddress {
    private var storage = sockaddr_storage()
    private var length: socklen_t

    /// Parses an address such as `127.0.0.1` or `::1`, or `unix:` with a path.
    ///
    /// Returns nil if the text has none of these forms, or if the path is empty or too long.
    init?(_ text: String, port: UInt16) {
        if text.hasPrefix("unix:") {
            guard let address = Self.local(Array(text.utf8.dropFirst(5))) else { return nil }
            length = Self.put(address, into: &storage)
        } else if text.utf8.contains(UInt8(ascii: ":")) {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            guard unsafe inet_pton(AF_INET6, text, &address.sin6_addr) == 1 else { return nil }
            length = Self.put(address, into: &storage)
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            guard unsafe inet_pton(AF_INET, text, &address.sin_addr) == 1 else { return nil }
            length = Self.put(address, into: &storage)
        }
    }

    /// Reads the address of a bound socket (getsockname(2)); returns nil on failure.
    init?(of descriptor: Int32) {
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var size = length
        let done = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe getsockname(descriptor, generic, &size) == 0
            }
        }
        guard done else { return nil }
        length = size
    }

    /// The family: AF_INET, AF_INET6 or AF_UNIX.
    var family: Int32 { Int32(storage.ss_family) }

    /// The port, which has the same offset in both IP families; 0 for a local socket.
    var port: UInt16 {
        guard family != AF_UNIX else { return 0 }
        return unsafe withUnsafeBytes(of: storage) {
            unsafe UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self))
        }
    }

    /// Binds a socket to this address; returns true on success.
    func bind(_ descriptor: Int32) -> Bool {
        unsafe withUnsafePointer(to: storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe Glibc.bind(descriptor, generic, length) == 0
            }
        }
    }

    private static func local(_ path: [UInt8]) -> sockaddr_un? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // The zero byte after the path must fit too.
        guard !path.isEmpty, path.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
        return address
    }

    private static func put<Address>(_ address: Address, into storage: inout sockaddr_storage) -> socklen_t {
        unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: address, as: Address.self) }
        return socklen_t(MemoryLayout<Address>.size)
    }
}
