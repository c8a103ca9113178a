// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

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
