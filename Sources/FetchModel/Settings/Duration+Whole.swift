// SPDX-License-Identifier: MIT
// fetchpool

extension Duration {
    /// The duration in whole milliseconds, rounded up; so a limit never becomes shorter.
    package var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1_000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
