// SPDX-License-Identifier: MIT
// fetchpool

/// A worker's result message for one task: the values that the coordinator reads, and ranges in the line.
///
/// An optional property is `nil` if the message lacks the value. Some unusable values also give `nil`; for
/// others, `WorkerMessage.read` throws an error.
///
/// The type is small and owns no memory, because a message is passed on for each task.
package struct ResultMessage: Hashable, Sendable {
    /// The number that the coordinator gave to this sending of the task.
    package var seq: Int
    private var statusNumber = WireNumber()
    private var bodySize = WireNumber()
    private var wireSize = WireNumber()
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
    /// True if the member `retryable` of `error` is true: another attempt may succeed.
    package var isRetryable = false
    /// False if the member `sent` of `error`, or of the message itself, is false.
    ///
    /// A child coordinator sends `sent` beside `record`. If `wasSent` is false, the server has certainly not
    /// processed a request. Then the request can be sent once more, even if it is not idempotent.
    package var wasSent = true
    private var isClassEscaped = false
    /// True if the response came over HTTP/2 without a redirect.
    package var isMultiplexed = false
    /// True if `fields` has a `remote_ip`: the fetch used a connection.
    package var hasPeer = false
    /// True if `timing` has a `connect_ms`: a connection was opened for the fetch.
    package var hasConnected = false
    /// True if parts of the line must be changed before they become parts of a record.
    ///
    /// Some programs would read such parts as several lines (`SingleLine`), or `fields` has members that are
    /// `null`.
    package var needsCopy = false
    /// The place of the response's body.
    package var body: BodyPlace?

    /// Creates a message without members other than `seq`.
    package init(seq: Int) {
        self.seq = seq
    }

    /// The value of `status`, the final HTTP status.
    package var status: Int? {
        get { statusNumber.value }
        set { statusNumber.value = newValue }
    }

    /// The value of `retry_after_s` in seconds, from 0 to 10^9; larger values become 10^9.
    ///
    /// The value is the pause that the server asked for with `Retry-After`.
    package var retryAfterSeconds: Double? {
        get { retryAfter.value }
        set { retryAfter.value = newValue }
    }

    /// The range of the member `error`, an object.
    package var error: Range<Int>? {
        get { errorPlace.range }
        set { errorPlace.range = newValue }
    }

    /// The value of `class` in `error`; `nil` if it is missing or not a string.
    package var errorClass: JSONValue? {
        get { classPlace.range.map { JSONValue(kind: .string, range: $0, isEscaped: isClassEscaped) } }
        set { (classPlace.range, isClassEscaped) = (newValue?.range, newValue?.isEscaped ?? false) }
    }

    /// The range of the member `message` of `error`, a string with its quotes; `nil` if the member is missing
    /// or not a string.
    package var errorMessage: Range<Int>? {
        get { messagePlace.range }
        set { messagePlace.range = newValue }
    }

    /// The range of the member `result`, any value.
    package var result: Range<Int>? {
        get { resultPlace.range }
        set { resultPlace.range = newValue }
    }

    /// The range inside the braces of `fields`, including blanks; empty if `fields` has no members.
    package var fields: Range<Int>? {
        get { fieldsPlace.range }
        set { fieldsPlace.range = newValue }
    }

    /// The range of the member `timing` in `fields`, an object.
    package var timing: Range<Int>? {
        get { timingPlace.range }
        set { timingPlace.range = newValue }
    }

    /// The value of `timing.total_ms` in milliseconds, from 0 to 10^9; larger values become 10^9.
    package var totalMilliseconds: Double? {
        get { total.value }
        set { total.value = newValue }
    }

    /// The value of `timing.dns_ms` in milliseconds, from 0 to 10^9; larger values become 10^9.
    package var lookupMilliseconds: Double? {
        get { lookup.value }
        set { lookup.value = newValue }
    }

    /// The value of `fields.bytes.body`, in bytes.
    package var bodyBytes: Int? {
        get { bodySize.value }
        set { bodySize.value = newValue }
    }

    /// The value of `fields.bytes.wire`, in bytes.
    package var wireBytes: Int? {
        get { wireSize.value }
        set { wireSize.value = newValue }
    }

    /// The range of the member `response`, an object.
    package var response: Range<Int>? {
        get { responsePlace.range }
        set { responsePlace.range = newValue }
    }

    /// The range of the member `record`, an object, which a child coordinator sends.
    package var record: Range<Int>? {
        get { recordPlace.range }
        set { recordPlace.range = newValue }
    }
}

extension ResultMessage {
    /// Returns a copy of the line of this message, without the members of `fields` that are `null`.
    ///
    /// Members that are `null` are also left out of nested objects, but not of objects in arrays.
    package func lineWithoutNullFields(_ line: Span<UInt8>) -> [UInt8] {
        guard let fields, !fields.isEmpty else { return line.array(0..<line.count) }
        let brace = fields.lowerBound - 1
        return line.array(0..<brace) + line.objectWithoutNulls(at: brace)
            + line.array(fields.upperBound + 1..<line.count)
    }

    /// Reads the members of `error`.
    ///
    /// - Throws: `JSONSyntaxError` if `error` is not an object.
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

/// A fast reader of result messages in the form that this project's workers write most often.
///
/// `WorkerMessage.readAny` reads all other lines, for example lines with an error. For the lines that this
/// reader accepts, both readers return the same value.
package enum FastResultReader {
    /// Reads a line; returns `false`, and leaves `message` undefined, if the reader does not accept the line.
    package static func read(_ line: Span<UInt8>, into message: inout ResultMessage) -> Bool {
        unsafe line.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            // The cursor exists only during this closure, in which the buffer is valid.
            var cursor = unsafe JSONCursor(base, end: buffer.count, at: 0)
            guard cursor.take(#"{"t":"result","seq":"#), let seq = cursor.integer() else { return false }
            message = ResultMessage(seq: seq)
            if cursor.take(#","status":"#) {
                guard let status = cursor.integer() else { return false }
                message.status = status
            }
            if cursor.take(#","fields":{"#) {
                guard readFields(&cursor, into: &message) else { return false }
            } else if cursor.take(#","result":"#) {
                guard let result = try? cursor.value(within: WireLimits.maxValueDepth) else { return false }
                message.result = result.range
            }
            message.needsCopy = cursor.breaksLines
            return cursor.take("}") && cursor.position == cursor.end
        }
    }

    /// Reads the members of `fields` and the closing brace.
    ///
    /// - Returns: False if the reader does not accept the members.
    private static func readFields(_ cursor: inout JSONCursor, into message: inout ResultMessage) -> Bool {
        let start = cursor.position
        guard cursor.take(#""final_url":"#), cursor.takeString() else { return false }
        var redirects: Int? = 0
        if cursor.take(#","redirects":"#) { redirects = cursor.integer() }
        guard let redirects else { return false }
        if redirects > 0, cursor.take(#","redirect_chain":["#) {
            repeat {
                guard cursor.take(#"{"url":"#), cursor.takeString(), cursor.take(#","status":"#),
                    let status = cursor.integer(), ResultMessage.isRedirect(status), cursor.take("}")
                else { return false }
            } while cursor.take(",")
            guard cursor.take("]") else { return false }
        }
        if cursor.take(#","http_version":"#) {
            if cursor.take(#""2""#) {
                message.isMultiplexed = redirects == 0
            } else if !cursor.take(#""1.1""#), !cursor.take(#""1.0""#) {
                return false
            }
        }
        if cursor.take(#","remote_ip":"#) {
            guard cursor.takeString() else { return false }
            message.hasPeer = true
        }
        if cursor.take(#","content_type":"#), !cursor.takeString() { return false }
        if cursor.take(#","bytes":{"wire":"#) {
            guard let wire = cursor.integer(), cursor.take(#","body":"#), let body = cursor.integer(),
                cursor.take("}")
            else { return false }
            (message.wireBytes, message.bodyBytes) = (wire, body)
        }
        if cursor.take(#","timing":{"#) {
            let brace = cursor.position - 1
            guard let total = readTiming(&cursor, into: &message) else { return false }
            message.timing = brace..<cursor.position
            message.totalMilliseconds = total
        }
        message.fields = start..<cursor.position
        return cursor.take("}")
    }

    /// Reads the members of `timing` and the closing brace.
    ///
    /// - Returns: The value of `total_ms`; `nil` if the reader does not accept the members.
    private static func readTiming(_ cursor: inout JSONCursor, into message: inout ResultMessage) -> Double? {
        if cursor.take(#""dns_ms":"#) {
            guard let lookup = cursor.milliseconds(), cursor.take(",") else { return nil }
            message.lookupMilliseconds = lookup
        }
        if cursor.take(#""connect_ms":"#) {
            guard cursor.takeMilliseconds() else { return nil }
            message.hasConnected = true
        }
        if cursor.take(#""tls_ms":"#), !cursor.takeMilliseconds() { return nil }
        if cursor.take(#""ttfb_ms":"#), !cursor.takeMilliseconds() { return nil }
        guard cursor.take(#""total_ms":"#), let total = cursor.milliseconds(), cursor.take("}") else {
            return nil
        }
        return total
    }
}
