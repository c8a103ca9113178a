// SPDX-License-Identifier: MIT
// fetchpool

/// A line that a worker sends to its coordinator, as the coordinator reads it.
///
/// Ranges point into the line.
///
/// The line is untrusted: all of it is checked to be JSON and UTF-8 before anything is believed.
package enum WorkerMessage: Hashable, Sendable {
    /// The worker's first line.
    case hello(Hello)
    /// Work that may not be repeated begins.
    case start(seq: Int)
    /// The one answer to a task.
    case answer(Answer)
    /// A task that has not begun comes back.
    case returned(seq: Int)
    /// The worker lives.
    case beat(rssKB: Int?, inFlight: Int?)
    /// The last line of a clean exit.
    case bye(reason: String)
    /// A coordinator's own message, echoed: the program does not speak the protocol.
    case echo
    /// A message this version does not know; ignored.
    case unknown

    /// Reads one line.
    ///
    /// - Throws: `JSONSyntaxError` if it is no JSON object, or an answer that lacks what it needs.
    package static func read(_ line: Span<UInt8>) throws(JSONSyntaxError) -> Self {
        let whole = try JSONScanner.document(in: line, range: 0..<line.count)
        var members = WorkerMessageMembers()
        var scanner = JSONScanner(at: whole.range.lowerBound)
        try scanner.enterObject(in: line)
        while let member = try scanner.nextMember(in: line) {
            try members.note(member, in: line)
        }
        return try members.message(in: line)
    }
}

/// What was found in a worker's line, in whatever order it came.
private struct WorkerMessageMembers {
    var type: JSONValue?
    var seq: Int?
    var answer = Answer(seq: 0)
    var hello = Hello(version: 0)
    var rssKB: Int?
    var inFlight: Int?
    var reason: [UInt8]?

    mutating func note(_ member: JSONMember, in line: Span<UInt8>) throws(JSONSyntaxError) {
        let value = member.value
        if line.isName(member, "seq") {
            seq = line.integer(of: value)
        } else if line.isName(member, "t") {
            type = value
        } else if try answer.note(member, in: line) {
            return
        } else if line.isName(member, "rss_kb") {
            rssKB = line.integer(of: value)
        } else if line.isName(member, "inflight") {
            inFlight = line.integer(of: value)
        } else if line.isName(member, "reason") {
            reason = line.text(of: value)
        } else {
            try noteHello(member, in: line)
        }
    }

    private mutating func noteHello(_ member: JSONMember, in line: Span<UInt8>) throws(JSONSyntaxError) {
        let value = member.value
        if line.isName(member, "v") {
            hello.version = line.integer(of: value) ?? 0
        } else if line.isName(member, "pid") {
            hello.pid = line.integer(of: value)
        } else if line.isName(member, "name") {
            hello.name = line.text(of: value).map { String(decoding: $0, as: UTF8.self) }
        } else if line.isName(member, "concurrency") {
            hello.concurrency = max(line.integer(of: value) ?? 1, 1)
        } else if line.isName(member, "processors"), value.kind == .array {
            hello.processors = try strings(of: value, in: line)
        }
    }

    private func strings(of array: JSONValue, in line: Span<UInt8>) throws(JSONSyntaxError) -> [String] {
        var result: [String] = []
        var scanner = JSONScanner(at: array.range.lowerBound)
        try scanner.enterArray(in: line)
        while let element = try scanner.nextElement(in: line) {
            if let text = line.text(of: element) { result.append(String(decoding: text, as: UTF8.self)) }
        }
        return result
    }

    func message(in line: Span<UInt8>) throws(JSONSyntaxError) -> WorkerMessage {
        guard let type else { return try answered() }
        guard let text = line.text(of: type) else { return .unknown }
        switch String(decoding: text, as: UTF8.self) {
        case "result": return try answered()
        case "beat": return .beat(rssKB: rssKB, inFlight: inFlight)
        case "start": return .start(seq: try number())
        case "returned": return .returned(seq: try number())
        case "hello": return .hello(hello)
        case "bye": return .bye(reason: String(decoding: reason ?? [], as: UTF8.self))
        case "init", "task", "recall", "cancel", "drain": return .echo
        default: return .unknown
        }
    }

    private func answered() throws(JSONSyntaxError) -> WorkerMessage {
        var answer = answer
        answer.seq = try number()
        return .answer(answer)
    }

    private func number() throws(JSONSyntaxError) -> Int {
        guard let seq else { throw JSONSyntaxError("the message has no usable seq", at: 0) }
        return seq
    }
}
