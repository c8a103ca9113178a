// SPDX-License-Identifier: MIT
// fetchpool

extension HTMLToken {
    /// Returns the tag's first attribute called `name`; `nil` if there is none.
    ///
    /// `name` must be in lower case.
    package func attribute(_ name: StaticString, in page: Span<UInt8>) -> HTMLAttribute? {
        var cursor = HTMLAttributeCursor(at: attributes.lowerBound)
        while case .attribute(let attribute) = cursor.next(in: page) {
            if attribute.name.count == name.utf8CodeUnitCount,
                page.hasWord(name, at: attribute.name.lowerBound)
            {
                return attribute
            }
        }
        return nil
    }
}
