// SPDX-License-Identifier: MIT
// fetchpool

import HTMLTokens

/// References of a page, stored one after the other in one array.
///
/// Character references such as `&amp;` are decoded. Relative URLs are not resolved.
struct ReferenceList {
    private(set) var bytes: [UInt8] = []
    /// The index in `bytes` after the last byte of each reference.
    private(set) var ends: [Int] = []

    /// Adds a reference, which is a text of `page`.
    mutating func append(_ reference: HTMLText, of page: Span<UInt8>) {
        reference.append(from: page, to: &bytes)
        ends.append(bytes.count)
    }
}
