// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel
import Glibc
import Platform

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

/// The end of one look-up of a host name.
enum LookupAnswer: Hashable, Sendable {
    /// The addresses of the host, in the order in which they are to be tried.
    case addresses([IPAddress])
    /// There are addresses, of which some hold only on one link of this machine: libcurl looks the name up itself.
    case leftToLibcurl
    /// No address.
    case failed(LookupFailure)

    /// The failure, if that is the end.
    var failure: LookupFailure? {
        if case .failed(let failure) = self { failure } else { nil }
    }
}

/// The reason why a look-up found no address, as getaddrinfo(3) names it.
struct LookupFailure: Error, Hashable, Sendable {
    /// A value of EAI_NONAME and its like.
    let code: Int32
    /// `errno` where the code is EAI_SYSTEM, and of a thread that could not be started; else 0.
    var systemError: Int32 = 0

    /// True if the name servers were reached and said so, and another look-up right after this one would find the same.
    var isOfTheName: Bool { code == EAI_NONAME || code == Self.noAddress }

    /// The failure as a record has it.
    var error: TaskError {
        switch code {
        case EAI_NONAME: TaskError(.dns, "the host name was not found: \(text)", isRetryable: true)
        case Self.noAddress: TaskError(.dns, "the host name has no address: \(text)", isRetryable: true)
        case EAI_MEMORY: TaskError(.oom, "there is no memory to look up the host name", isRetryable: true)
        case EAI_AGAIN:
            TaskError(
                .dns,
                "the host name could not be looked up, no name server gave an answer: \(text)",
                isRetryable: true
            )
        default: TaskError(.dns, "the host name could not be looked up: \(text)", isRetryable: true)
        }
    }

    /// EAI_NODATA, which the header hides: the name exists, without an address of IPv4 or IPv6.
    private static let noAddress: Int32 = -5

    private var text: String {
        // Both texts are constants or the thread's own, and are copied before anything else may overwrite them.
        systemError != 0
            ? Platform.systemError(systemError) : unsafe String(cString: gai_strerror(code))
    }
}
