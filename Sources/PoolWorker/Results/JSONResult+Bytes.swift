// SPDX-License-Identifier: MIT
// fetchpool

extension JSONResult {
    /// Creates a value from its text, which must be exactly one valid JSON value on one line.
    package init(oneLine bytes: [UInt8]) { self.bytes = bytes }
}
