// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// Records whose members have one type each, so that a reader needs no schema.
///
/// The members `meta` and `result` become strings that hold their JSON text. An `id` that is a number becomes
/// a string with the same text. All times in milliseconds have a decimal point or an exponent. An escape of
/// half a surrogate pair becomes U+FFFD. In the strings of `meta` and `result`, the escape stays, because the
/// string contains the escape's backslash in escaped form.
enum TextRecords {
    /// Returns `lines`, which must be complete, in this form.
    static func rewritten(_ lines: [UInt8]) -> [UInt8] {
        let bytes = lines.span
        var writer = JSONWriter()
        var start = 0
        for end in bytes.indices where bytes[end] == 0x0A {
            // If a line is not valid JSON, the writer can hold a part of a record. For this reason, all lines
            // are then returned unchanged.
            guard (try? write(bytes.extracting(start..<end), into: &writer)) != nil else { return lines }
            start = end + 1
        }
        return writer.take()
    }

    private static func write(_ line: Span<UInt8>, into writer: inout JSONWriter) throws(JSONSyntaxError) {
        var scanner = JSONScanner()
        try scanner.enterObject(in: line)
        writer.beginObject()
        while let member = try scanner.nextMember(in: line) {
            writer.raw(line.extracting(member.name.range))
            writer.verbatim(":")
            let value = line.extracting(member.value.range)
            if line.isName(member, "meta") || line.isName(member, "result") {
                writer.string(value)
            } else if line.isName(member, "id"), member.value.kind == .number {
                writer.string(value)
            } else if line.isName(member, "timing") || line.isName(member, "attempts") {
                writer.raw(withPoints(value))
            } else if let changed = LoneSurrogates.replaced(in: value) {
                writer.raw(changed)
            } else {
                writer.raw(value)
            }
        }
        try scanner.finish(in: line)
        writer.endObjectAndLine()
    }

    /// Returns a copy of valid JSON in which each number has a decimal point or an exponent.
    private static func withPoints(_ json: Span<UInt8>) -> [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(json.count + 16)
        var position = 0
        while position < json.count {
            let start = position
            let byte = json[position]
            position += 1
            if byte == UInt8(ascii: "\"") {
                while json[position] != UInt8(ascii: "\"") {
                    position += json[position] == UInt8(ascii: "\\") ? 2 : 1
                }
                position += 1
                copy += json.array(start..<position)
            } else if byte &- 0x30 < 10 {
                while position < json.count, isPartOfNumber(json[position]) { position += 1 }
                copy += json.array(start..<position)
                if json.array(start..<position).allSatisfy({ $0 &- 0x30 < 10 }) { copy += [0x2E, 0x30] }
            } else {
                copy.append(byte)
            }
        }
        return copy
    }

    private static func isPartOfNumber(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
            || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }
}
