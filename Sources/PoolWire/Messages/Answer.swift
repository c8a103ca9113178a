// SPDX-License-Identifier: MIT
// fetchpool

/// A worker's answer to one task: the few members that decide anything, and where the rest lies.
///
/// Ranges point into the line it was read from.
package struct Answer: Hashable, Sendable {
    /// The sending this answers.
    package var seq: Int
    /// The final HTTP status, where one came.
    package var status: Int?
    /// What `Retry-After` asked for, in seconds, from 0 to 10^9; more reads as 10^9.
    package var retryAfterSeconds: Double?
    /// The member `error`, an object.
    package var error: Range<Int>?
    /// The class that `error` names; empty if it names none.
    package var errorClass: [UInt8] = []
    /// Whether `error` says that another try may help.
    package var isRetryable = false
    /// What `error` says, as a string value with its quotes.
    package var errorMessage: Range<Int>?
    /// The member `result`, any value.
    package var result: Range<Int>?
    /// What lies inside the braces of `fields`, blanks included; empty where there are none.
    package var fields: Range<Int>?
    /// The member `timing` in `fields`, an object.
    package var timing: Range<Int>?
    /// `timing.total_ms`, in milliseconds, from 0 to 10^9; more reads as 10^9.
    package var totalMilliseconds: Double?
    /// `fields.bytes.body`.
    package var bodyBytes: Int?
    /// The member `response`, an object.
    package var response: Range<Int>?
    /// Where the body of `response` lies.
    package var body: BodyPlace?
    /// The member `record`, an object: the answer of a coordinator that is a worker.
    package var record: Range<Int>?

    /// Creates an answer without members.
    package init(seq: Int) {
        self.seq = seq
    }

    /// The names that `fields` may hold.
    ///
    /// Any other would let a worker forge members of the record.
    private static let fieldNames: [StaticString] = [
        "final_url", "redirects", "http_version", "remote_ip", "content_type", "bytes", "timing", "insecure",
    ]

    /// Reads what `fields` holds.
    ///
    /// - Throws: `JSONSyntaxError` if it is no object, holds another name, or its `timing` is no object.
    mutating func readFields(_ value: JSONValue, in line: Span<UInt8>) throws(JSONSyntaxError) {
        var scanner = JSONScanner(at: value.range.lowerBound)
        try scanner.enterObject(in: line)
        let start = scanner.offset
        var isEmpty = true
        while let member = try scanner.nextMember(in: line) {
            isEmpty = false
            guard Self.fieldNames.contains(where: { line.isName(member, $0) }) else {
                throw JSONSyntaxError("fields holds an unknown name", at: member.name.range.lowerBound)
            }
            if line.isName(member, "timing") {
                try readTiming(member.value, in: line)
            } else if line.isName(member, "bytes"), member.value.kind == .object {
                bodyBytes = try line.member("body", of: member.value).flatMap { line.integer(of: $0) }
            }
        }
        // Blanks alone must not be copied: a comma would follow them in the record.
        fields = start..<(isEmpty ? start : scanner.offset - 1)
    }

    /// The coordinator puts a member of its own into `timing`, so it must be an object.
    private mutating func readTiming(_ value: JSONValue, in line: Span<UInt8>) throws(JSONSyntaxError) {
        guard value.kind == .object else {
            throw JSONSyntaxError("timing is no object", at: value.range.lowerBound)
        }
        timing = value.range
        totalMilliseconds = try line.member("total_ms", of: value).flatMap { line.magnitude(of: $0) }
    }

    /// Reads what `error` holds.
    ///
    /// - Throws: `JSONSyntaxError` if it is no object.
    mutating func readError(_ value: JSONValue, in line: Span<UInt8>) throws(JSONSyntaxError) {
        var scanner = JSONScanner(at: value.range.lowerBound)
        try scanner.enterObject(in: line)
        while let member = try scanner.nextMember(in: line) {
            if line.isName(member, "class") {
                errorClass = line.text(of: member.value) ?? []
            } else if line.isName(member, "message") {
                errorMessage = member.value.kind == .string ? member.value.range : nil
            } else if line.isName(member, "retryable") {
                isRetryable = member.value.kind == .true
            }
        }
        error = value.range
    }
}
