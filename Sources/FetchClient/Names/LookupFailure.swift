// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import Platform

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
