// SPDX-License-Identifier: MIT
// fetchpool

/// A worker's answer to one task: the few members that decide anything, and where the rest lies.
///
/// Ranges point into the line it was read from. It owns nothing and is small, so that
/// handing it on is cheap: there is one for each task.
package struct Answer: Hashable, Sendable {
    /// The sending this answers.
    package var seq: Int
    private var statusNumber = WireNumber()
    private var bodySize = WireNumber()
    private var retryAfter = WireFraction()
    private var total = WireFraction()
    private var lookup = WireFraction()
    private var errorPlace = WirePlace()
    private var classPlace = WirePlace()
    private var messagePlace = WirePlace()
    private var resultPlace = WirePlace()
    private var fieldsPlace = WirePlace()
    private var timingPlace = WirePlace()
    private var responsePlace = WirePlace()
    private var recordPlace = WirePlace()
    /// Whether `error` says that another try may help.
    package var isRetryable = false
    /// True if the request left its worker, or may have, and may have been processed, as far as `error` says.
    package var wasSent = true
    private var isClassEscaped = false
    /// True if the response came over HTTP/2, and not through a redirect: the connection to the task's host takes many requests at once.
    package var isMultiplexed = false
    /// True if some readers would take the line for more than one; see `SingleLine`.
    package var breaksLines = false
    /// Where the body of `response` lies.
    package var body: BodyPlace?

    /// Creates an answer without members.
    package init(seq: Int) {
        self.seq = seq
    }

    /// The final HTTP status, where one came.
    package var status: Int? {
        get { statusNumber.value }
        set { statusNumber.value = newValue }
    }

    /// What `Retry-After` asked for, in seconds, from 0 to 10^9; more reads as 10^9.
    package var retryAfterSeconds: Double? {
        get { retryAfter.value }
        set { retryAfter.value = newValue }
    }

    /// The member `error`, an object.
    package var error: Range<Int>? {
        get { errorPlace.range }
        set { errorPlace.range = newValue }
    }

    /// The class that `error` names, a string value.
    package var errorClass: JSONValue? {
        get { classPlace.range.map { JSONValue(kind: .string, range: $0, isEscaped: isClassEscaped) } }
        set { (classPlace.range, isClassEscaped) = (newValue?.range, newValue?.isEscaped ?? false) }
    }

    /// What `error` says, as a string value with its quotes.
    package var errorMessage: Range<Int>? {
        get { messagePlace.range }
        set { messagePlace.range = newValue }
    }

    /// The member `result`, any value.
    package var result: Range<Int>? {
        get { resultPlace.range }
        set { resultPlace.range = newValue }
    }

    /// What lies inside the braces of `fields`, blanks included; empty where there are none.
    package var fields: Range<Int>? {
        get { fieldsPlace.range }
        set { fieldsPlace.range = newValue }
    }

    /// The member `timing` in `fields`, an object.
    package var timing: Range<Int>? {
        get { timingPlace.range }
        set { timingPlace.range = newValue }
    }

    /// `timing.total_ms`, in milliseconds, from 0 to 10^9; more reads as 10^9.
    package var totalMilliseconds: Double? {
        get { total.value }
        set { total.value = newValue }
    }

    /// `timing.dns_ms`, in milliseconds, from 0 to 10^9; more reads as 10^9.
    package var lookupMilliseconds: Double? {
        get { lookup.value }
        set { lookup.value = newValue }
    }

    /// `fields.bytes.body`.
    package var bodyBytes: Int? {
        get { bodySize.value }
        set { bodySize.value = newValue }
    }

    /// The member `response`, an object.
    package var response: Range<Int>? {
        get { responsePlace.range }
        set { responsePlace.range = newValue }
    }

    /// The member `record`, an object: the answer of a coordinator that is a worker.
    package var record: Range<Int>? {
        get { recordPlace.range }
        set { recordPlace.range = newValue }
    }
}

extension Answer {
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
        var (isHTTP2, redirects) = (false, 0)
        while let member = try scanner.nextMember(in: line) {
            isEmpty = false
            guard Self.fieldNames.contains(where: { line.isName(member, $0) }) else {
                throw JSONSyntaxError("fields holds an unknown name", at: member.name.range.lowerBound)
            }
            if line.isName(member, "timing") {
                try readTiming(member.value, in: line)
            } else if line.isName(member, "bytes"), member.value.kind == .object {
                bodyBytes = try line.member("body", of: member.value).flatMap { line.integer(of: $0) }
            } else if line.isName(member, "http_version") {
                isHTTP2 = line.isText(member.value, "2")
            } else if line.isName(member, "redirects") {
                redirects = line.integer(of: member.value) ?? 1
            }
        }
        isMultiplexed = isHTTP2 && redirects == 0
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
        lookupMilliseconds = try line.member("dns_ms", of: value).flatMap { line.magnitude(of: $0) }
    }

    /// Reads what `error` holds.
    ///
    /// - Throws: `JSONSyntaxError` if it is no object.
    mutating func readError(_ value: JSONValue, in line: Span<UInt8>) throws(JSONSyntaxError) {
        var scanner = JSONScanner(at: value.range.lowerBound)
        try scanner.enterObject(in: line)
        while let member = try scanner.nextMember(in: line) {
            if line.isName(member, "class") {
                errorClass = member.value.kind == .string ? member.value : nil
            } else if line.isName(member, "message") {
                errorMessage = member.value.kind == .string ? member.value.range : nil
            } else if line.isName(member, "retryable") {
                isRetryable = member.value.kind == .true
            } else if line.isName(member, "sent") {
                wasSent = member.value.kind != .false
            }
        }
        error = value.range
    }
}

/// Reads answers of exactly the form in which our own workers write them.
///
/// Whatever differs from it, by a blank, an escape in a name, another order, a member more or any fault, is left to the
/// general reader. What is taken reads there as the same answer; a test compares the two on spoilt lines.
package enum UsualAnswer {
    /// Reads a line; `false`, with `answer` spoilt, if it has another form.
    package static func read(_ line: Span<UInt8>, into answer: inout Answer) -> Bool {
        unsafe line.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            // The buffer lives for the call and covers its count.
            var cursor = unsafe JSONCursor(base, end: buffer.count, at: 0)
            guard cursor.take(#"{"t":"result","seq":"#), let seq = cursor.integer() else { return false }
            answer = Answer(seq: seq)
            if cursor.take(#","status":"#) {
                guard let status = cursor.integer() else { return false }
                answer.status = status
            }
            if cursor.take(#","fields":{"#) {
                guard readFields(&cursor, into: &answer) else { return false }
            } else if cursor.take(#","result":"#) {
                guard let result = try? cursor.value(within: WireLimits.maxValueDepth) else { return false }
                answer.result = result.range
            }
            answer.breaksLines = cursor.breaksLines
            return cursor.take("}") && cursor.position == cursor.end
        }
    }

    /// Reads what `fields` holds, its closing brace included.
    private static func readFields(_ cursor: inout JSONCursor, into answer: inout Answer) -> Bool {
        let start = cursor.position
        guard cursor.take(#""final_url":"#), cursor.takeString() else { return false }
        var redirects: Int? = 0
        if cursor.take(#","redirects":"#) { redirects = cursor.integer() }
        guard let redirects else { return false }
        if cursor.take(#","http_version":"#) {
            if cursor.take(#""2""#) {
                answer.isMultiplexed = redirects == 0
            } else if !cursor.takeString() {
                return false
            }
        }
        if cursor.take(#","remote_ip":"#), !cursor.takeString() { return false }
        if cursor.take(#","content_type":"#), !cursor.takeString() { return false }
        if cursor.take(#","bytes":{"wire":"#) {
            guard cursor.integer() != nil, cursor.take(#","body":"#), let body = cursor.integer(),
                cursor.take("}")
            else { return false }
            answer.bodyBytes = body
        }
        if cursor.take(#","timing":{"#) {
            let brace = cursor.position - 1
            guard let total = readTiming(&cursor, into: &answer) else { return false }
            answer.timing = brace..<cursor.position
            answer.totalMilliseconds = total
        }
        answer.fields = start..<cursor.position
        return cursor.take("}")
    }

    /// Reads what `timing` holds, its closing brace included; returns its total.
    private static func readTiming(_ cursor: inout JSONCursor, into answer: inout Answer) -> Double? {
        if cursor.take(#""dns_ms":"#) {
            guard let lookup = cursor.milliseconds(), cursor.take(",") else { return nil }
            answer.lookupMilliseconds = lookup
        }
        if cursor.take(#""connect_ms":"#), !cursor.takeMilliseconds() { return nil }
        if cursor.take(#""tls_ms":"#), !cursor.takeMilliseconds() { return nil }
        if cursor.take(#""ttfb_ms":"#), !cursor.takeMilliseconds() { return nil }
        guard cursor.take(#""total_ms":"#), let total = cursor.milliseconds(), cursor.take("}") else {
            return nil
        }
        return total
    }
}
