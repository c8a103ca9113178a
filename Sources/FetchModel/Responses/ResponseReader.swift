// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

extension Response {
    /// Reads the response object at `range` of a line.
    ///
    /// A member with an unusable value, such as a value of the wrong type, counts as missing.
    ///
    /// - Throws: `JSONSyntaxError` if no valid object begins at the start of `range`, or if the status, the
    ///   URL, the size or the body is missing.
    package init(reading range: Range<Int>, of line: Span<UInt8>) throws(JSONSyntaxError) {
        var reader = ResponseReader()
        try reader.read(range, of: line)
        self = try reader.response(at: range.lowerBound)
    }
}

/// A reader of a response object, member by member.
private struct ResponseReader {
    private var status: Int?
    private var url: String?
    private var headers: [HeaderField] = []
    private var contentType: String?
    private var charset: String?
    private var bytes: Int?
    private var inline: [UInt8]?
    private var path: String?
    private var segment: SegmentName?
    private var offset = 0

    mutating func read(_ range: Range<Int>, of line: Span<UInt8>) throws(JSONSyntaxError) {
        var scanner = JSONScanner(at: range.lowerBound)
        try scanner.enterObject(in: line)
        while let member = try scanner.nextMember(in: line) {
            if line.isName(member, "headers"), member.value.kind == .array {
                headers = try HeaderField.read(member.value, of: line)
            } else {
                note(member, in: line)
            }
        }
    }

    private mutating func note(_ member: JSONMember, in line: Span<UInt8>) {
        let value = member.value
        if line.isName(member, "body") {
            inline = line.text(of: value)
            return
        }
        let text = line.text(of: value).map { String(decoding: $0, as: UTF8.self) }
        if line.isName(member, "status") {
            status = line.integer(of: value)
        } else if line.isName(member, "bytes") {
            bytes = line.integer(of: value)
        } else if line.isName(member, "body_offset") {
            offset = line.integer(of: value) ?? 0
        } else if line.isName(member, "url") {
            url = text
        } else if line.isName(member, "content_type") {
            contentType = text
        } else if line.isName(member, "charset") {
            charset = text
        } else if line.isName(member, "body_path") {
            path = text
        } else if line.isName(member, "body_segment") {
            segment = text.flatMap { SegmentName(Array($0.utf8).span) }
        }
    }

    func response(at place: Int) throws(JSONSyntaxError) -> Response {
        let body: Response.Body? =
            if let inline {
                .inline(inline)
            } else if let path {
                .file(path: path, offset: offset)
            } else {
                segment.map { .segment($0, offset: offset) }
            }
        guard let status, let url, let bytes, let body else {
            throw JSONSyntaxError("the response lacks its status, URL, size or body", at: place)
        }
        return Response(
            status: status,
            url: url,
            headers: headers,
            contentType: contentType,
            charset: charset,
            bytes: bytes,
            body: body
        )
    }
}

extension HeaderField {
    /// Reads an array of `[name, value]` pairs; ignores an element that is not an array, or does not begin
    /// with two valid strings.
    ///
    /// - Throws: `JSONSyntaxError` if `array` is not a valid array.
    package static func read(
        _ array: JSONValue,
        of line: Span<UInt8>
    ) throws(JSONSyntaxError) -> [HeaderField] {
        var result: [HeaderField] = []
        var scanner = JSONScanner(at: array.range.lowerBound)
        try scanner.enterArray(in: line)
        while let pair = try scanner.nextElement(in: line) {
            guard pair.kind == .array else { continue }
            var inner = JSONScanner(at: pair.range.lowerBound)
            try inner.enterArray(in: line)
            guard let name = try inner.nextElement(in: line).flatMap({ line.text(of: $0) }),
                let value = try inner.nextElement(in: line).flatMap({ line.text(of: $0) })
            else { continue }
            let field = HeaderField(
                name: String(decoding: name, as: UTF8.self),
                value: String(decoding: value, as: UTF8.self)
            )
            result.append(field)
        }
        return result
    }
}
