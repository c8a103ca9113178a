// SPDX-License-Identifier: MIT
// fetchpool

/// A line that a worker sends to its coordinator, as the coordinator reads it.
///
/// The ranges point into the line. The whole line is checked to be valid JSON in UTF-8, because the worker is
/// not trusted.
package enum WorkerMessage: Hashable, Sendable {
    /// The worker's description of itself, which is normally its first line.
    case hello(Hello)
    /// Work on a task begins.
    case start(seq: Int)
    /// The result of one sending of a task.
    case result(ResultMessage)
    /// A task that has not begun is returned.
    case returned(seq: Int)
    /// A report of the worker's state.
    case beat(Beat)
    /// The last line of a clean exit.
    case bye(reason: String)
    /// A message of a type that only coordinators send, for example from a program that echoes its input.
    case echo
    /// A message of a type that this version does not know.
    case unknown

    /// True for a message of a known type that workers send.
    package var isForCoordinators: Bool {
        switch self {
        case .echo, .unknown: false
        case .hello, .start, .result, .returned, .beat, .bye: true
        }
    }

    /// Reads one line.
    ///
    /// - Throws: `JSONSyntaxError` if the line is not a JSON object, nests too deep, or has missing or
    ///   unusable members.
    package static func read(_ line: Span<UInt8>) throws(JSONSyntaxError) -> Self {
        var message = ResultMessage(seq: 0)
        if FastResultReader.read(line, into: &message) { return .result(message) }
        return try readAny(line)
    }

    /// Reads a line of any form, including the form that `FastResultReader` reads.
    ///
    /// - Throws: `JSONSyntaxError` as `read` does.
    package static func readAny(_ line: Span<UInt8>) throws(JSONSyntaxError) -> Self {
        var members = MessageMembers()
        var scanner = JSONScanner()
        try scanner.enterObject(in: line)
        while let member = try scanner.nextMember(in: line, limiting: "result", to: WireLimits.maxValueDepth)
        {
            members.note(member, in: line)
        }
        try scanner.finish(in: line)
        members.breaksLines = scanner.breaksLines
        return try members.message(in: line)
    }
}

/// The members of a worker's line, in any order; if a name occurs twice, the last member counts.
///
/// A line without a type counts as a result. Programs in many languages write `null` for a member without a
/// value, so a `null` counts as missing. Only the member `result` can have the value `null`.
private struct MessageMembers {
    var type: JSONValue?
    var seq: Int?
    var status: JSONValue?
    var retryAfterSeconds: Double?
    var sent: JSONValue?
    var error: JSONValue?
    var result: JSONValue?
    var fields: JSONValue?
    var response: JSONValue?
    var record: JSONValue?
    var breaksLines = false

    mutating func note(_ member: JSONMember, in line: Span<UInt8>) {
        let value = member.value
        if line.isName(member, "seq") {
            seq = line.integer(of: value)
        } else if line.isName(member, "result") {
            result = value
        } else if value.kind == .null {
            return
        } else if line.isName(member, "t") {
            type = value
        } else if line.isName(member, "fields") {
            fields = value
        } else if line.isName(member, "response") {
            response = value
        } else if line.isName(member, "status") {
            status = value
        } else if line.isName(member, "error") {
            error = value
        } else if line.isName(member, "record") {
            record = value
        } else if line.isName(member, "retry_after_s") {
            retryAfterSeconds = line.magnitude(of: value)
        } else if line.isName(member, "sent") {
            sent = value
        }
    }

    func message(in line: Span<UInt8>) throws(JSONSyntaxError) -> WorkerMessage {
        guard let type else { return try resultMessage(in: line) }
        if line.isText(type, "result") { return try resultMessage(in: line) }
        if line.isText(type, "start") { return .start(seq: try number()) }
        if line.isText(type, "beat") { return .beat(try Beat(line)) }
        if line.isText(type, "returned") { return .returned(seq: try number()) }
        if line.isText(type, "hello") { return .hello(try Hello(line)) }
        if line.isText(type, "bye") {
            let whole = JSONValue(kind: .object, range: 0..<line.count)
            let text = try line.member("reason", of: whole).flatMap { line.text(of: $0) } ?? []
            return .bye(reason: String(decoding: text, as: UTF8.self))
        }
        let isEcho = Self.coordinatorTypes.contains { line.isText(type, $0) }
        return isEcho ? .echo : .unknown
    }

    private static let coordinatorTypes: [StaticString] = [
        "init", "task", "recall", "cancel", "confirm", "cookies", "drain",
    ]

    private func resultMessage(in line: Span<UInt8>) throws(JSONSyntaxError) -> WorkerMessage {
        var message = ResultMessage(seq: try number())
        message.status = try statusNumber(in: line)
        message.retryAfterSeconds = retryAfterSeconds
        if sent?.kind == .false { message.wasSent = false }
        message.result = result?.range
        if let error { try message.readError(error, in: line) }
        if let fields { try message.readFields(fields, in: line) }
        if let response {
            message.body = try BodyPlace.read(response, in: line)
            message.response = response.range
        }
        if let record, record.kind != .object {
            throw JSONSyntaxError("record is not an object", at: record.range.lowerBound)
        }
        message.record = record?.range
        if breaksLines { message.needsCopy = true }
        return .result(message)
    }

    /// Returns the value of `status`; `nil` if it is missing, or if it is no whole number and the message
    /// needs none.
    ///
    /// A worker that processes responses may give the member another meaning, so not all messages need a
    /// number.
    ///
    /// - Throws: `JSONSyntaxError` if the message needs a number, and `status` is not a whole number.
    private func statusNumber(in line: Span<UInt8>) throws(JSONSyntaxError) -> Int? {
        guard let status else { return nil }
        let number = line.integer(of: status)
        let isNeeded = (result == nil || fields != nil) && error == nil && record == nil
        if number == nil, isNeeded {
            throw JSONSyntaxError("status is not a whole number", at: status.range.lowerBound)
        }
        return number
    }

    private func number() throws(JSONSyntaxError) -> Int {
        guard let seq else { throw JSONSyntaxError("the message has no usable seq", at: 0) }
        return seq
    }
}
