// SPDX-License-Identifier: MIT
// fetchpool

extension Span<UInt8> {
    /// Returns a copy of the valid JSON object that begins at `start`, without its members that are `null`,
    /// and without those of the objects in it.
    ///
    /// Arrays are copied as they are.
    package func objectWithoutNulls(at start: Int) -> [UInt8] {
        var copy = [UInt8(ascii: "{")]
        var scanner = JSONScanner(at: start)
        guard (try? scanner.enterObject(in: self)) != nil else { return [] }
        while let member = try? scanner.nextMember(in: self) {
            let value = member.value
            if value.kind == .null { continue }
            if copy.count > 1 { copy.append(UInt8(ascii: ",")) }
            copy += array(member.name.range) + [UInt8(ascii: ":")]
            copy +=
                value.kind == .object ? objectWithoutNulls(at: value.range.lowerBound) : array(value.range)
        }
        return copy + [UInt8(ascii: "}")]
    }
}
