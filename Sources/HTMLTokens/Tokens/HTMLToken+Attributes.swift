// SPDX-License-Identifier: MIT
// fetchpool

extension HTMLToken {
    /// Returns the first attribute of a tag that is called `name`, which is in lower case; `nil` if there is
    /// none.
    ///
    /// The tag is read again up to there.
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
