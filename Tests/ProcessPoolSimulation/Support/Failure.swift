// SPDX-License-Identifier: MIT
// fetchpool

/// A rule that was broken.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Throws unless a rule holds.
func require(_ holds: Bool, _ rule: @autoclosure () -> String) throws(Failure) {
    if !holds { throw Failure(rule()) }
}
