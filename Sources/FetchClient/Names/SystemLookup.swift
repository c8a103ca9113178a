// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel
import Glibc
import Platform

/// A look-up of host names with the system's resolver, which uses the sources of nsswitch.conf(5).
///
/// Bounds of the unsafe code: the system's list is valid until it is freed. Each address in the list has the
/// size of its family.
enum SystemLookup {
    /// The largest number of addresses used for one host.
    private static let maxAddresses = 64

    /// Looks up a name and waits for the result.
    static func addresses(of name: String) -> LookupResult {
        var hints = unsafe addrinfo()
        // As in libcurl, both address families are used, unless this machine has no IPv6.
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

    private static func read(_ list: UnsafeMutablePointer<addrinfo>?) -> LookupResult {
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

    /// True if this machine supports IPv6.
    private static let canUseIPv6: Bool = {
        let socket = socket(AF_INET6, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket < 0 else {
            close(socket)
            return true
        }
        // Other errors, such as the lack of a descriptor, do not show that IPv6 is missing.
        return errno != EAFNOSUPPORT
    }()
}

/// The result of one look-up of a host name.
enum LookupResult: Hashable, Sendable {
    /// The addresses of the host, in the order in which to try them.
    case addresses([IPAddress])
    /// One of the addresses is valid only on one network link, so libcurl must look up the name itself.
    case leftToLibcurl
    /// The look-up found no address.
    case failed(LookupFailure)

    /// The failure, if the look-up failed; otherwise `nil`.
    var failure: LookupFailure? {
        if case .failed(let failure) = self { failure } else { nil }
    }
}

/// The reason why a look-up found no address, in the codes of getaddrinfo(3).
struct LookupFailure: Error, Hashable, Sendable {
    /// An error code of getaddrinfo(3), such as EAI_NONAME.
    let code: Int32
    /// The system's error number if `code` is EAI_SYSTEM; else 0.
    var systemError: Int32 = 0

    /// True if the failure is a definite result: the name does not exist, or has no address.
    var isOfTheName: Bool { code == EAI_NONAME || code == Self.noAddress }

    /// The error for the record of the task.
    var error: TaskError {
        switch code {
        case EAI_NONAME: TaskError(.dns, "the host name was not found: \(text)", isRetryable: true)
        case Self.noAddress: TaskError(.dns, "the host name has no address: \(text)", isRetryable: true)
        case EAI_MEMORY: TaskError(.oom, "there is no memory to look up the host name", isRetryable: true)
        case EAI_SYSTEM where systemError == EMFILE || systemError == ENFILE:
            TaskError(
                .oom,
                "too many open files: no descriptor is left to look up the host name",
                isRetryable: true
            )
        case EAI_SYSTEM where [ENOMEM, ENOBUFS, EAGAIN].contains(systemError):
            TaskError(.oom, "the system has no room to look up the host name: \(text)", isRetryable: true)
        case EAI_AGAIN:
            TaskError(
                .dns,
                "\(TaskError.unansweredLookup), because no name server gave an answer: \(text)",
                isRetryable: true
            )
        default: TaskError(.dns, "\(TaskError.unansweredLookup): \(text)", isRetryable: true)
        }
    }

    /// The value of EAI_NODATA, which the header file hides: the name exists but has no IPv4 or IPv6 address.
    private static let noAddress: Int32 = -5

    private var text: String {
        // Both texts are constants or belong to the thread. Each text is copied before another call can
        // overwrite it.
        systemError != 0
            ? Platform.systemError(systemError) : unsafe String(cString: gai_strerror(code))
    }
}
