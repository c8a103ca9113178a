// SPDX-License-Identifier: MIT
// fetchpool

/// Writes JSON into one reusable buffer.
///
/// Commas follow from the byte before: none is due after an opening bracket, a colon or a line's start. The writer
/// does not check that brackets match or that names differ; its callers are few and tested.
package struct JSONWriter: Sendable {
    /// What was written; take it, then `removeAll` to use the room again.
    package private(set) var bytes: [UInt8] = []
    private var lineStart = 0

    /// Creates a writer with an empty buffer.
    package init() {}

    /// Forgets what was written and keeps the room.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        lineStart = 0
    }

    /// Takes what was written, and the room with it.
    package mutating func take() -> [UInt8] {
        defer { (bytes, lineStart) = ([], 0) }
        return bytes
    }

    /// Forgets what was written from `count` on, to take back half a record; `count` lies in the line begun last.
    package mutating func truncate(to count: Int) {
        precondition(count >= lineStart, "only the line begun last can be taken back")
        bytes.removeLast(bytes.count - count)
    }

    /// Ends the line.
    package mutating func endLine() {
        bytes.append(0x0A)
        lineStart = bytes.count
    }

    /// Opens an object, as a value.
    package mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
    }

    /// Closes an object.
    package mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
    }

    /// Opens an array, as a value.
    package mutating func beginArray() {
        separate()
        bytes.append(UInt8(ascii: "["))
    }

    /// Closes an array.
    package mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
    }

    /// Writes a member's name, which must need no escapes.
    package mutating func name(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        // A static string's buffer covers exactly its own bytes.
        name.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    /// Writes a member's name with the escapes it needs.
    package mutating func name(text: String) {
        string(text)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Writes a value, or members, that are JSON already.
    package mutating func raw(_ json: Span<UInt8>) {
        guard !json.isEmpty else { return }
        separate()
        appendVerbatim(json)
    }

    /// Writes a value, or members, that are JSON already.
    package mutating func raw(_ json: [UInt8]) {
        raw(json.span)
    }

    /// Writes a string.
    package mutating func string(_ text: String) {
        var text = text
        separate()
        // The buffer lives for the call alone and covers the string's own bytes.
        text.withUTF8 { buffer in
            unsafe appendQuoted(buffer.span)
        }
    }

    /// Writes a string; bytes that are not valid UTF-8 become U+FFFD, one each.
    package mutating func string(_ text: Span<UInt8>) {
        separate()
        appendQuoted(text)
    }

    /// Writes an integer.
    package mutating func integer(_ value: some BinaryInteger) {
        separate()
        appendDigits(of: value)
    }

    /// Writes `true` or `false`.
    package mutating func bool(_ value: Bool) {
        raw(value ? Array("true".utf8) : Array("false".utf8))
    }

    /// Writes a duration given in microseconds as milliseconds with up to three decimals.
    package mutating func milliseconds(fromMicroseconds value: Int) {
        separate()
        thousandths(value)
    }

    /// Writes a duration given in milliseconds as seconds with up to three decimals.
    package mutating func seconds(fromMilliseconds value: Int) {
        separate()
        thousandths(value)
    }

    // MARK: Pieces

    private mutating func separate() {
        guard bytes.count > lineStart, let last = bytes.last else { return }
        switch last {
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): return
        default: bytes.append(UInt8(ascii: ","))
        }
    }

    /// Writes bytes as they are, with no comma before them: the rest of a value whose beginning was written.
    package mutating func appendVerbatim(_ new: Span<UInt8>) {
        // The buffer lives for the call alone and covers the span.
        unsafe new.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    private mutating func thousandths(_ value: Int) {
        let value = max(value, 0)
        appendDigits(of: value / 1_000)
        var rest = value % 1_000
        guard rest > 0 else { return }
        bytes.append(UInt8(ascii: "."))
        var unit = 100
        while rest > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(rest / unit))
            rest %= unit
            unit /= 10
        }
    }

    private mutating func appendDigits(of value: some BinaryInteger) {
        var rest = value.magnitude
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
            rest = quotient
        } while rest > 0
        bytes[start...].reverse()
    }

    private mutating func appendQuoted(_ text: Span<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        var plain = 0
        var position = 0
        while position < text.count {
            let byte = text[position]
            if byte >= 0x80 {
                if let next = UTF8Check.endOfScalar(at: position, in: text) {
                    position = next
                    continue
                }
            } else if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                position += 1
                continue
            }
            appendVerbatim(text.extracting(plain..<position))
            appendEscaped(byte)
            position += 1
            plain = position
        }
        appendVerbatim(text.extracting(plain..<position))
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
        case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
        case 0x0A: bytes.append(contentsOf: "\\n".utf8)
        case 0x0D: bytes.append(contentsOf: "\\r".utf8)
        case 0x09: bytes.append(contentsOf: "\\t".utf8)
        case 0x80...: bytes.append(contentsOf: "\u{FFFD}".utf8)
        default:
            bytes.append(contentsOf: "\\u00".utf8)
            for nibble in [byte >> 4, byte & 15] {
                bytes.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
            }
        }
    }
}
