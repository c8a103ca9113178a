// SPDX-License-Identifier: MIT
// fetchpool

extension Span<UInt8> {
    /// Returns the strings in an array, in order; skips elements of other kinds, and strings with a lone
    /// surrogate (`LoneSurrogates`).
    ///
    /// - Throws: `JSONSyntaxError` if the value is not an array, or breaks the grammar.
    package func texts(of array: JSONValue) throws(JSONSyntaxError) -> [String] {
        var texts: [String] = []
        var scanner = JSONScanner(at: array.range.lowerBound)
        try scanner.enterArray(in: self)
        while let element = try scanner.nextElement(in: self) {
            if let text = text(of: element) { texts.append(String(decoding: text, as: UTF8.self)) }
        }
        return texts
    }
}
