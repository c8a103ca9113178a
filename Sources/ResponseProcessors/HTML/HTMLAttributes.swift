// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The attributes of one element, copied out of the parser.
///
/// Their room is used again for the next element.
struct HTMLAttributes: Sendable {
    private var bytes: [UInt8] = []
    private var entries: [(name: Range<Int>, value: Range<Int>)] = []

    /// The value of the first attribute called `name`, which is in lower case; `nil` if there is none.
    subscript(_ name: StaticString) -> [UInt8]? {
        let span = bytes.span
        guard let entry = entries.first(where: { span.holds(name, at: $0.name) }) else { return nil }
        return span.array(entry.value)
    }

    /// Forgets all attributes.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
    }

    /// Adds an attribute; an attribute without a value has an empty one.
    mutating func add(name: Span<UInt8>, value: Span<UInt8>) {
        let start = bytes.count
        append(name)
        let middle = bytes.count
        append(value)
        entries.append((start..<middle, middle..<bytes.count))
    }

    private mutating func append(_ span: Span<UInt8>) {
        // The buffer lives for the call alone and covers the span.
        unsafe span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }
}
