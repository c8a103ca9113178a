// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel
import Glibc

/// Looks up host names as the system does: by its hosts file, name servers and what else nsswitch.conf(5) names.
///
/// Bounds of the unsafe code here: the list is the system's, lives until it is freed, and each address in it is as large as its
/// family says.
enum SystemLookup {
    /// Addresses of one host that are used at most.
    private static let maxAddresses = 64

    /// Looks up a name, and waits for the end of that.
    static func addresses(of name: String) -> LookupAnswer {
        var hints = unsafe addrinfo()
        // As libcurl asks: for both families, unless this machine can use one alone.
        unsafe hints.ai_family = canUseIPv6 ? AF_UNSPEC : AF_INET
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(name, nil, &hints, &list)
        guard code == 0 else {
            return .failed(LookupFailure(code: code, systemError: code == EAI_SYSTEM ? errno : 0))
        }
        defer { unsafe freeaddrinfo(list) }
        return unsafe read(list)
    }

    private static func read(_ list: UnsafeMutablePointer<addrinfo>?) -> LookupAnswer {
        var addresses: [IPAddress] = []
        var next = unsafe list
        while let entry = unsafe next, addresses.count < maxAddresses {
            switch unsafe entry.pointee.ai_family {
            case AF_INET:
                unsafe entry.pointee.ai_addr.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    unsafe addresses.append(.v4(UInt32(bigEndian: $0.pointee.sin_addr.s_addr)))
                }
            case AF_INET6:
                let isScoped = unsafe entry.pointee.ai_addr.withMemoryRebound(
                    to: sockaddr_in6.self,
                    capacity: 1
                ) {
                    let value = unsafe unsafeBitCast($0.pointee.sin6_addr, to: UInt128.self)
                    addresses.append(.v6(UInt128(bigEndian: value)))
                    return unsafe $0.pointee.sin6_scope_id != 0
                }
                if isScoped { return .leftToLibcurl }
            default: break
            }
            unsafe next = entry.pointee.ai_next
        }
        return addresses.isEmpty ? .failed(LookupFailure(code: EAI_NONAME)) : .addresses(addresses)
    }

    /// True if this machine has IPv6.
    private static let canUseIPv6: Bool = {
        let socket = socket(AF_INET6, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if socket >= 0 { close(socket) }
        return socket >= 0
    }()
}
