// SPDX-License-Identifier: MIT
// fetchpool

/// The place of a response's body, as announced by the worker.
package enum BodyPlace: Hashable, Sendable {
    /// The body is a string in the line; `bytes` is its size in bytes.
    case inline(bytes: Int)
    /// The body is in a segment (file) of the spool.
    ///
    /// `offset` is in bytes from the start of the segment. `member` is the range of `"body_segment":…` in the
    /// line; the coordinator replaces this member with a path.
    case spooled(segment: SegmentName, offset: Int, bytes: Int, member: Range<Int>)

    /// The size of the body in bytes.
    package var bytes: Int {
        switch self {
        case .inline(let bytes), .spooled(_, _, let bytes, _): bytes
        }
    }

    /// Reads the place from a `response` object.
    ///
    /// - Throws: `JSONSyntaxError` unless the object has a size and exactly one place (an inline body or a
    ///   segment). An invalid segment name or offset and any `body_path` are errors too.
    static func read(_ response: JSONValue, in line: Span<UInt8>) throws(JSONSyntaxError) -> BodyPlace {
        var scanner = JSONScanner(at: response.range.lowerBound)
        try scanner.enterObject(in: line)
        var bytes: Int?
        var segment: (name: SegmentName, member: Range<Int>)?
        var offset = 0
        var isInline = false
        while let member = try scanner.nextMember(in: line) {
            if line.isName(member, "bytes") {
                bytes = line.integer(of: member.value)
            } else if line.isName(member, "body") {
                isInline = member.value.kind == .string
            } else if line.isName(member, "body_segment") {
                guard let name = line.text(of: member.value).flatMap({ SegmentName($0.span) }) else {
                    throw JSONSyntaxError(
                        "body_segment does not name a segment of the spool",
                        at: member.value.range.lowerBound
                    )
                }
                segment = (name, member.name.range.lowerBound..<member.value.range.upperBound)
            } else if line.isName(member, "body_offset") {
                offset = line.integer(of: member.value) ?? -1
            } else if line.isName(member, "body_path") {
                // A path from the worker could name any file, and the coordinator adds a path of its own.
                throw JSONSyntaxError(
                    "response has body_path, but a worker must send body_segment",
                    at: member.name.range.lowerBound
                )
            }
        }
        guard offset >= 0 else {
            throw JSONSyntaxError("body_offset is not a whole number", at: response.range.lowerBound)
        }
        guard let bytes, segment == nil || !isInline else {
            throw JSONSyntaxError(
                "response must have bytes, and either body or body_segment",
                at: response.range.lowerBound
            )
        }
        if let segment {
            return .spooled(segment: segment.name, offset: offset, bytes: bytes, member: segment.member)
        }
        guard isInline else {
            throw JSONSyntaxError("response has no usable body", at: response.range.lowerBound)
        }
        return .inline(bytes: bytes)
    }
}

/// The name of a file in the spool: `3-7` is segment 7 of worker 3.
package struct SegmentName: Hashable, Sendable, CustomStringConvertible {
    /// The number of the worker that writes the segment.
    package var worker: Int
    /// The number of the segment among the worker's segments.
    package var number: Int

    /// Creates the name of a segment.
    package init(worker: Int, number: Int) {
        self.worker = worker
        self.number = number
    }

    /// Reads a name: two numbers of at most nine digits with a hyphen between them; returns `nil` for any
    /// other text.
    package init?(_ text: Span<UInt8>) {
        var numbers = (0, 0)
        var digits = 0
        var hasHyphen = false
        for index in text.indices {
            let byte = text[index]
            if byte == UInt8(ascii: "-"), !hasHyphen, digits > 0 {
                hasHyphen = true
                (numbers.0, numbers.1) = (numbers.1, 0)
                digits = 0
                continue
            }
            guard byte &- UInt8(ascii: "0") < 10, digits < 9 else { return nil }
            numbers.1 = numbers.1 * 10 + Int(byte - UInt8(ascii: "0"))
            digits += 1
        }
        guard hasHyphen, digits > 0 else { return nil }
        (worker, number) = numbers
    }

    package var description: String { "\(worker)-\(number)" }
}
