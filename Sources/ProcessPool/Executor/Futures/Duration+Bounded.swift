// SPDX-License-Identifier: MIT
// fetchpool

extension Duration {
    /// The nearest duration from 0 to 10^9 seconds (about 32 years).
    ///
    /// The sum of a clock's time and this duration does not overflow.
    var bounded: Duration { min(max(self, .zero), .seconds(1_000_000_000)) }
}
