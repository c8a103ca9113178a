// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The limits and functions that the settings of a client cannot change; tests pass other values.
struct ClientGuards {
    /// The table that tells which addresses are public.
    var addresses = AddressTable.iana
    /// The function that looks up a host name, called on a thread of `LookupThreads`.
    var lookUp: LookupThreads.Function = SystemLookup.addresses
    /// The limits on the look-ups; `nil` for the limits that `LookupLimits` computes from the concurrency.
    var lookupLimits: LookupLimits?
    /// The guard against slow responses.
    var speed = SpeedGuard()
    /// The number of hosts that one multi handle of libcurl serves before the next handle is made.
    var hostsPerHandle = 1_000
    /// True if a request with a body may use HTTP/2 even before the host has refused HTTP/1.
    var sendsBodiesOverHTTP2 = false
    /// The time between two checks of the file of trusted certificates, in milliseconds.
    var trustInterval = 5_000
    /// The time after which the next tick (`TickClock`) discards all TLS sessions, in milliseconds.
    ///
    /// The time counts from the start of the client, or from the last discard of all sessions.
    ///
    /// A server shows its certificate only when a session begins. The certificate may expire while later
    /// connections still resume the session (RFC 8446 §4.6.1).
    var sessionLifetime = 3_600_000
}
