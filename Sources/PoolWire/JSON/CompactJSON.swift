// SPDX-License-Identifier: MIT
// fetchpool

/// A copy of a JSON value on one line, without the blanks between its parts.
package struct CompactJSON {
    /// The largest allowed number of nested arrays and objects.
    package static let maxDepth = WireLimits.maxValueDepth

    /// The text of the copy, in UTF-8.
    package let bytes: [UInt8]
    /// The number of levels to which arrays and objects nest in the value; 0 if the value is neither an array
    /// nor an object.
    package let depth: Int

    /// Copies `value`, which a `JSONScanner` found in `text`.
    ///
    /// Returns `nil` if the copy would have more than `maxBytes` bytes, or nests deeper than `maxDepth`.
    package init?(_ value: JSONValue, in text: Span<UInt8>, maxBytes: Int) {
        var copy: [UInt8] = []
        copy.reserveCapacity(min(value.range.count, maxBytes))
        var (depth, deepest) = (0, 0)
        var isInString = false
        var isEscape = false
        for index in value.range {
            let byte = text[index]
            if isInString {
                isInString = isEscape || byte != UInt8(ascii: "\"")
                isEscape = !isEscape && byte == UInt8(ascii: "\\")
            } else {
                switch byte {
                case 0x20, 0x09, 0x0A, 0x0D: continue
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                    deepest = max(deepest, depth)
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
            }
            guard copy.count < maxBytes, depth <= Self.maxDepth else { return nil }
            copy.append(byte)
        }
        if SingleLine.isNeeded(for: copy.span) { copy = SingleLine.copy(of: copy.span) }
        guard copy.count <= maxBytes else { return nil }
        bytes = copy
        self.depth = deepest
    }
}
