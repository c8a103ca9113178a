// SPDX-License-Identifier: MIT
// fetchpool

extension Span<UInt8> {
    /// Returns a copy of the valid JSON object that begins at `start`, without members that are `null`.
    ///
    /// Nested objects lose such members too, but arrays are copied as they are.
    package func objectWithoutNulls(at start: Int) -> [UInt8] {
        object(at: start) { member in
            let value = member.value
            if value.kind == .null { return nil }
            return value.kind == .object
                ? objectWithoutNulls(at: value.range.lowerBound) : array(value.range)
        }
    }

    /// Returns a copy of the valid JSON object that begins at `start`, with the values that `text` returns.
    ///
    /// A member for which `text` returns `nil` is left out.
    package func object(at start: Int, _ text: (JSONMember) -> [UInt8]?) -> [UInt8] {
        var copy = [UInt8(ascii: "{")]
        var scanner = JSONScanner(at: start)
        guard (try? scanner.enterObject(in: self)) != nil else { return [] }
        while let member = try? scanner.nextMember(in: self) {
            guard let value = text(member) else { continue }
            if copy.count > 1 { copy.append(UInt8(ascii: ",")) }
            copy += array(member.name.range) + [UInt8(ascii: ":")] + value
        }
        return copy + [UInt8(ascii: "}")]
    }
}
