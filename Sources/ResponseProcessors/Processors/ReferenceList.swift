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

    /// The largest size of a reference in the page: 1 MiB.
    ///
    /// A limit is needed, because resolving takes many times the memory of a reference. A URL has at most
    /// 64 KiB, but a reference may also have a fragment, which is removed.
    static let maxReferenceBytes = 1 << 20

    /// Adds a reference, which is a text of `page`; a reference of more than `maxReferenceBytes` is left out.
    mutating func append(_ reference: HTMLText, of page: Span<UInt8>) {
        guard reference.range.count <= Self.maxReferenceBytes else { return }
        reference.append(from: page, to: &bytes)
        ends.append(bytes.count)
    }
}
