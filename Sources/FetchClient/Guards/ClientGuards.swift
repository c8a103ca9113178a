// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The limits of a client that no setting names.
struct ClientGuards {
    /// Which addresses are public.
    var addresses = AddressTable.iana
    /// Looks up a host name, on a thread of its own.
    var lookUp: LookupThreads.Function = SystemLookup.addresses
    /// How slow an answer may be.
    var speed = SpeedGuard()
    /// The number of hosts that one multi handle of libcurl meets, before another one takes its place.
    var hostsPerHandle = 1_000
    /// The time between two looks at the file of trusted certificates, in milliseconds.
    var trustInterval = 5_000
    /// The time after which no TLS session is used again, in milliseconds: a server shows its certificate only where it makes a new
    /// one, and that certificate may expire meanwhile (RFC 8446 §4.6.1).
    var sessionLifetime = 3_600_000
}
