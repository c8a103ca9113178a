// SPDX-License-Identifier: MIT
// fetchpool

// Functions that write JSON in pieces.
//
// Bounds of the unsafe code here: space is reserved for each piece before it is copied to `next`. Then `next`
// moves by the number of copied bytes.

extension JSONWriter {
    /// Ends the line.
    package mutating func endLine() {
        verbatim("\n")
        lineStart = count
    }

    /// Closes an object and ends the line.
    package mutating func endObjectAndLine() {
        verbatim("}\n")
        lineStart = count
    }

    /// Opens an object, with a comma before it if necessary.
    package mutating func beginObject() {
        separate()
        verbatim("{")
    }

    /// Closes an object.
    package mutating func endObject() {
        verbatim("}")
    }

    /// Opens an array, with a comma before it if necessary.
    package mutating func beginArray() {
        separate()
        verbatim("[")
    }

    /// Closes an array.
    package mutating func endArray() {
        verbatim("]")
    }

    /// Writes the name of a member and a colon; the name must need no escapes.
    @inlinable @inline(__always)
    public mutating func name(_ name: StaticString) {
        separate()
        verbatim("\"")
        verbatim(name)
        verbatim("\":")
    }

    /// Writes the name of a member, with escapes if necessary, and a colon.
    package mutating func name(text: String) {
        string(text)
        verbatim(":")
    }

    /// Writes a value or members that are already JSON; writes nothing if `json` is empty.
    package mutating func raw(_ json: Span<UInt8>) {
        guard !json.isEmpty else { return }
        separate()
        verbatim(json)
    }

    /// Writes a value or members that are already JSON; writes nothing if `json` is empty.
    package mutating func raw(_ json: [UInt8]) {
        raw(json.span)
    }

    /// Writes a string.
    package mutating func string(_ text: String) {
        var text = text
        // The buffer is used only during this call and covers the string's own bytes.
        text.withUTF8 { buffer in
            unsafe string(buffer.span)
        }
    }

    /// Writes a string, which must need no escapes.
    package mutating func word(_ text: StaticString) {
        separate()
        verbatim("\"")
        verbatim(text)
        verbatim("\"")
    }

    /// Writes a string.
    ///
    /// Each byte that is not valid UTF-8 becomes U+FFFD. JSON requires escapes for some characters. DEL and
    /// the characters of `UTF8Check.control` become escapes too, because a record may be shown on a terminal.
    package mutating func string(_ text: Span<UInt8>) {
        let plain = PlainText.end(from: 0, in: text)
        guard plain == text.count else { return unusualString(text, plain: plain) }
        separate()
        verbatim("\"")
        verbatim(text)
        verbatim("\"")
    }

    /// Writes an integer.
    package mutating func integer(_ number: Int) {
        separate()
        digits(of: number)
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
        separate()
        if isTrue { verbatim("true") } else { verbatim("false") }
    }

    /// Writes a duration in milliseconds with up to three decimals; `number` is in microseconds.
    ///
    /// If `number` is negative, the function writes 0.
    package mutating func milliseconds(fromMicroseconds number: Int) {
        value(of: JSONRoom.numberBytes + 4) { $0.thousandths(number) }
    }

    /// Writes a duration in seconds with up to three decimals; `number` is in milliseconds.
    ///
    /// If `number` is negative, the function writes 0.
    package mutating func seconds(fromMilliseconds number: Int) {
        milliseconds(fromMicroseconds: number)
    }

    // MARK: Pieces

    /// Writes a static text unchanged, with no comma before it.
    @inlinable @inline(__always)
    public mutating func verbatim(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        reserve(count)
        // A static string's pointer covers exactly its own bytes.
        unsafe UnsafeMutableRawPointer(next).copyMemory(from: text.utf8Start, byteCount: count)
        unsafe next += count
    }

    /// Writes bytes unchanged, with no comma before them, for example the rest of a value.
    @inlinable @inline(__always)
    public mutating func verbatim(_ bytes: Span<UInt8>) {
        reserve(bytes.count)
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe UnsafeMutableRawPointer(next).copyMemory(from: base, byteCount: buffer.count)
        }
        unsafe next += bytes.count
    }

    /// Writes an integer with no comma before it.
    @inlinable @inline(__always)
    public mutating func digits(of number: Int) {
        append(upTo: JSONRoom.numberBytes) { $0.number(number) }
    }

    /// Writes a comma if the next value needs one.
    @inlinable @inline(__always)
    public mutating func separate() {
        guard unsafe next - start > lineStart else { return }
        let last = unsafe next[-1]
        // The brackets "[" and "{" differ only in the bit 0x20.
        if last | 0x20 != UInt8(ascii: "{") && last != UInt8(ascii: ":") { verbatim(",") }
    }

    /// Writes a comma if necessary, and then the value or members that `lay` writes, at most `count` bytes.
    @inlinable @inline(__always)
    public mutating func value(of count: Int, _ lay: (inout JSONRoom) -> Void) {
        separate()
        append(upTo: count, lay)
    }

    /// Appends the output of `lay`, at most `count` bytes.
    @inlinable @inline(__always)
    mutating func append(upTo count: Int, _ lay: (inout JSONRoom) -> Void) {
        reserve(count)
        // The reserved memory does not move while `lay` runs, because this function has exclusive access to
        // the writer.
        var room = unsafe JSONRoom(next, count: count)
        lay(&room)
        unsafe next = room.next
    }

    /// Writes a string that is not plain; `plain` is the position of its first byte that is not plain.
    private mutating func unusualString(_ text: Span<UInt8>, plain: Int) {
        separate()
        verbatim("\"")
        var written = 0
        var position = plain
        while position < text.count {
            if let next = UTF8Check.endOfScalar(at: position, in: text) {
                if let control = UTF8Check.control(at: position, in: text) {
                    verbatim(text.extracting(written..<position))
                    escape(control)
                    written = next
                }
                position = PlainText.end(from: next, in: text)
                continue
            }
            verbatim(text.extracting(written..<position))
            appendEscaped(text[position])
            written = position + 1
            position = PlainText.end(from: written, in: text)
        }
        verbatim(text.extracting(written..<position))
        verbatim("\"")
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): verbatim("\\\"")
        case UInt8(ascii: "\\"): verbatim("\\\\")
        case 0x0A: verbatim("\\n")
        case 0x0D: verbatim("\\r")
        case 0x09: verbatim("\\t")
        case 0x80...: verbatim("\u{FFFD}")
        default: escape(UInt16(byte))
        }
    }

    private mutating func escape(_ unit: UInt16) {
        verbatim("\\u")
        for shift in [12, 8, 4, 0] {
            let nibble = UInt8(truncatingIfNeeded: unit >> shift) & 15
            let digit = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
            append(upTo: 1) { $0.byte(digit) }
        }
    }
}
