// SPDX-License-Identifier: MIT
// fetchpool

/// Writes JSON into one reusable buffer.
///
/// Commas follow from the byte before: none is due after an opening bracket, a colon or a line's start. The writer
/// does not check that brackets match or that names differ; its callers are few and tested. It is public for the
/// reason that `JSONRoom` is.
public struct JSONWriter: Sendable {
    /// What was written; take it, then `removeAll` to use the room again.
    @usableFromInline package internal(set) var bytes: [UInt8] = []
    @usableFromInline var lineStart = 0

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

    /// Closes an object and ends the line.
    package mutating func endObjectAndLine() {
        append(upTo: 2) { $0.text("}\n") }
        lineStart = bytes.count
    }

    /// Opens an object, as a value.
    package mutating func beginObject() {
        value(of: 1) { $0.byte(UInt8(ascii: "{")) }
    }

    /// Closes an object.
    package mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
    }

    /// Opens an array, as a value.
    package mutating func beginArray() {
        value(of: 1) { $0.byte(UInt8(ascii: "[")) }
    }

    /// Closes an array.
    package mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
    }

    /// Writes a member's name, which must need no escapes.
    package mutating func name(_ name: StaticString) {
        value(of: name.utf8CodeUnitCount + 3) { room in
            room.byte(UInt8(ascii: "\""))
            room.text(name)
            room.text("\":")
        }
    }

    /// Writes a member's name with the escapes it needs.
    package mutating func name(text: String) {
        string(text)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Writes a value, or members, that are JSON already.
    package mutating func raw(_ json: Span<UInt8>) {
        guard !json.isEmpty else { return }
        value(of: json.count) { $0.bytes(json) }
    }

    /// Writes a value, or members, that are JSON already.
    package mutating func raw(_ json: [UInt8]) {
        raw(json.span)
    }

    /// Writes a string.
    package mutating func string(_ text: String) {
        var text = text
        // The buffer lives for the call alone and covers the string's own bytes.
        text.withUTF8 { buffer in
            unsafe string(buffer.span)
        }
    }

    /// Writes a string that must need no escapes.
    package mutating func word(_ text: StaticString) {
        value(of: text.utf8CodeUnitCount + 2) { room in
            room.byte(UInt8(ascii: "\""))
            room.text(text)
            room.byte(UInt8(ascii: "\""))
        }
    }

    /// Writes a string; bytes that are not valid UTF-8 become U+FFFD, one each.
    package mutating func string(_ text: Span<UInt8>) {
        let plain = PlainText.end(from: 0, in: text)
        guard plain == text.count else { return unusualString(text, plain: plain) }
        value(of: plain + 2) { room in
            room.byte(UInt8(ascii: "\""))
            room.bytes(text)
            room.byte(UInt8(ascii: "\""))
        }
    }

    /// Writes an integer.
    package mutating func integer(_ number: Int) {
        value(of: JSONRoom.numberBytes + 1) { $0.number(number) }
    }

    /// Writes an integer of up to 64 bits.
    package mutating func integer(_ number: some FixedWidthInteger) {
        if number < 0 {
            integer(Int(number))
        } else {
            value(of: JSONRoom.numberBytes) { $0.number(UInt(number)) }
        }
    }

    /// Writes `true` or `false`.
    package mutating func bool(_ isTrue: Bool) {
        value(of: 5) { room in
            if isTrue { room.text("true") } else { room.text("false") }
        }
    }

    /// Writes a duration given in microseconds as milliseconds with up to three decimals.
    package mutating func milliseconds(fromMicroseconds number: Int) {
        value(of: JSONRoom.numberBytes + 4) { $0.thousandths(number) }
    }

    /// Writes a duration given in milliseconds as seconds with up to three decimals.
    package mutating func seconds(fromMilliseconds number: Int) {
        milliseconds(fromMicroseconds: number)
    }

    /// Writes bytes as they are, with no comma before them: the rest of a value whose beginning was written.
    package mutating func appendVerbatim(_ new: Span<UInt8>) {
        append(upTo: new.count) { $0.bytes(new) }
    }

    // MARK: Room

    /// Writes a value, or members, that `lay` lays into room for `count` bytes, with a comma before them where one is due.
    @inlinable @inline(__always)
    public mutating func value(of count: Int, _ lay: (inout JSONRoom) -> Void) {
        let isCommaDue = isCommaDue
        append(upTo: count + 1) { room in
            if isCommaDue { room.byte(UInt8(ascii: ",")) }
            lay(&room)
        }
    }

    /// Whether a comma stands between what was written and a value that follows.
    @inlinable @inline(__always)
    var isCommaDue: Bool {
        guard bytes.count > lineStart, let last = bytes.last else { return false }
        // The brackets "[" and "{" differ in that bit.
        return last | 0x20 != UInt8(ascii: "{") && last != UInt8(ascii: ":")
    }

    /// Adds up to `count` bytes, those that `lay` lays.
    @inlinable @inline(__always)
    mutating func append(upTo count: Int, _ lay: (inout JSONRoom) -> Void) {
        bytes.append(addingCapacity: count) { new in
            // The buffer covers the capacity that was added, and lives for the call.
            unsafe new.withUnsafeMutableBufferPointer { buffer, initialized in
                guard let start = buffer.baseAddress else { return }
                var room = unsafe JSONRoom(buffer, at: start)
                lay(&room)
                initialized = unsafe room.count(since: start)
            }
        }
    }

    /// Writes a string that holds escapes, scalars past ASCII, or bytes that are no UTF-8; the first lies at `plain`.
    private mutating func unusualString(_ text: Span<UInt8>, plain: Int) {
        value(of: 1) { $0.byte(UInt8(ascii: "\"")) }
        var written = 0
        var position = plain
        while position < text.count {
            if let next = UTF8Check.endOfScalar(at: position, in: text) {
                position = PlainText.end(from: next, in: text)
                continue
            }
            appendVerbatim(text.extracting(written..<position))
            appendEscaped(text[position])
            written = position + 1
            position = PlainText.end(from: written, in: text)
        }
        appendVerbatim(text.extracting(written..<position))
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
