// SPDX-License-Identifier: MIT
// fetchpool

/// A line that a coordinator sends to a worker, as the worker reads it.
///
/// Ranges point into the line.
package enum CoordinatorMessage: Hashable, Sendable {
    /// The first line: the protocol version and the worker's settings.
    case initialize(version: Int, config: Range<Int>?)
    /// One task: fetch it, or, if there is a response, process that.
    case task(Assignment)
    /// Give back up to `max` tasks that have not begun, newest first.
    case recall(max: Int)
    /// Give back this one if it has not begun. Advisory.
    case cancel(seq: Int)
    /// Finish what is there, say `bye` and leave.
    case drain
    /// A message this version does not know; ignored.
    case unknown

    /// One sending of one task.
    package struct Assignment: Hashable, Sendable {
        /// The number to answer with.
        package var seq: Int
        /// Which try this is, from 1.
        package var attempt: Int
        /// The user's task object.
        package var task: Range<Int>
        /// The response to process.
        package var response: Range<Int>?

        /// Describes a sending whose parts lie at `task` and `response` of its line.
        package init(seq: Int, attempt: Int, task: Range<Int>, response: Range<Int>? = nil) {
            (self.seq, self.attempt, self.task, self.response) = (seq, attempt, task, response)
        }
    }

    /// Reads one line.
    ///
    /// - Throws: `JSONSyntaxError` if it is no JSON object, or lacks what its type needs.
    package static func read(_ line: Span<UInt8>) throws(JSONSyntaxError) -> Self {
        if let task = UsualTask.read(line) { return .task(task) }
        return try readAny(line)
    }

    /// Reads a line of any form, the usual one too.
    ///
    /// - Throws: `JSONSyntaxError` as `read` does.
    package static func readAny(_ line: Span<UInt8>) throws(JSONSyntaxError) -> Self {
        var members = Members()
        var scanner = JSONScanner()
        try scanner.enterObject(in: line)
        while let member = try scanner.nextMember(in: line) {
            members.note(member, in: line)
        }
        try scanner.finish(in: line)
        return try members.message(in: line)
    }

    /// Returns the number of the task that a line which cannot be read was to bring, so that it gets an answer.
    ///
    /// `nil` if type and number do not stand in front of the fault; coordinators of ours write them first. The line may be the
    /// beginning of a longer one.
    package static func numberOfUnreadableTask(_ line: Span<UInt8>) -> Int? {
        var members = Members()
        var scanner = JSONScanner()
        do throws(JSONSyntaxError) {
            try scanner.enterObject(in: line)
            while let member = try scanner.nextMember(in: line) { members.note(member, in: line) }
        } catch {
            // What stood in front of the fault was noted.
        }
        guard let type = members.type, line.isText(type, "task") else { return nil }
        return members.seq
    }

    private struct Members {
        var type: JSONValue?
        var version: Int?
        var config: Range<Int>?
        var seq: Int?
        var attempt: Int?
        var task: Range<Int>?
        var response: Range<Int>?
        var max: Int?

        mutating func note(_ member: JSONMember, in line: Span<UInt8>) {
            let value = member.value
            if line.isName(member, "t") {
                type = value
            } else if line.isName(member, "seq") {
                seq = line.integer(of: value)
            } else if line.isName(member, "attempt") {
                attempt = line.integer(of: value)
            } else if line.isName(member, "task") {
                task = value.kind == .object ? value.range : nil
            } else if line.isName(member, "response") {
                response = value.kind == .object ? value.range : nil
            } else if line.isName(member, "v") {
                version = line.integer(of: value)
            } else if line.isName(member, "config") {
                config = value.kind == .object ? value.range : nil
            } else if line.isName(member, "max") {
                max = line.integer(of: value)
            }
        }

        func message(in line: Span<UInt8>) throws(JSONSyntaxError) -> CoordinatorMessage {
            guard let type else { return .unknown }
            if line.isText(type, "task") {
                guard let seq, let task else { throw JSONSyntaxError("a task needs seq and task", at: 0) }
                return .task(
                    Assignment(seq: seq, attempt: attempt ?? 1, task: task, response: response)
                )
            }
            if line.isText(type, "cancel") {
                guard let seq else { throw JSONSyntaxError("cancel needs seq", at: 0) }
                return .cancel(seq: seq)
            }
            if line.isText(type, "init") { return .initialize(version: version ?? 0, config: config) }
            if line.isText(type, "recall") { return .recall(max: max ?? 0) }
            return line.isText(type, "drain") ? .drain : .unknown
        }
    }
}

/// Reads tasks of exactly the form in which our own coordinator writes them, as `UsualAnswer` does answers.
package enum UsualTask {
    /// Reads a line; `nil` if it has another form.
    package static func read(_ line: Span<UInt8>) -> CoordinatorMessage.Assignment? {
        unsafe line.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            // The buffer lives for the call and covers its count.
            var cursor = unsafe JSONCursor(base, end: buffer.count, at: 0)
            guard cursor.take(#"{"t":"task","seq":"#), let seq = cursor.integer(),
                cursor.take(#","attempt":"#), let attempt = cursor.integer(),
                cursor.take(#","task":"#), let task = cursor.object()
            else { return nil }
            var response: Range<Int>?
            if cursor.take(#","response":"#) {
                response = cursor.object()
                guard response != nil else { return nil }
            }
            guard cursor.take("}"), cursor.position == cursor.end else { return nil }
            return CoordinatorMessage.Assignment(
                seq: seq,
                attempt: attempt,
                task: task,
                response: response
            )
        }
    }
}
