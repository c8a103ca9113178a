// SPDX-License-Identifier: MIT
// fetchpool

import HTMLTokens

/// References to other pages, decoded but unresolved, stored one after the other in one array.
struct ReferenceList {
    /// The bytes of all references.
    private(set) var bytes: [UInt8] = []
    /// The end of each reference.
    private(set) var ends: [Int] = []

    /// Adds a reference.
    mutating func append(_ reference: HTMLText, of page: Span<UInt8>) {
        reference.append(from: page, to: &bytes)
        ends.append(bytes.count)
    }
}
