// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// What the guards of a client go by that no setting says.
struct ClientGuards {
    /// Which addresses are public.
    var addresses = AddressTable.iana
    /// Where names lead instead of being looked up, as CURLOPT_RESOLVE takes it.
    var knownNames: [String] = []
    /// How slow an answer may be.
    var speed = SpeedGuard()
}
