// SPDX-License-Identifier: MIT
// fetchpool

/// A line that a coordinator sends to a worker, as the worker reads it.
///
/// Each range is a range of byte positions in the line.
package enum CoordinatorMessage: Hashable, Sendable {
    /// The first line: the protocol version, and the range of the worker's settings.
    ///
    /// `version` is 0 if it is missing or not a whole number. `config` is `nil` if the settings are missing
    /// or not an object.
    ///
    /// `isRemote` is true if the connection can be lost without notice. In this case, a worker whose name is
    /// in `PoolOptions.trustedNames` gets `confirm` messages, and a beat each second.
    case initialize(version: Int, config: Range<Int>?, isRemote: Bool = false)
    /// A task, and the response to process if there is one.
    case task(Assignment)
    /// A request to return up to `max` tasks that have not begun, newest first.
    ///
    /// `max` is 0 if it is missing or not a whole number.
    case recall(max: Int)
    /// A request to return this task if it has not begun.
    ///
    /// A worker may ignore the request, or stop a task that has begun.
    case cancel(seq: Int)
    /// The coordinator has noted the worker's `start` of this task, so the work may begin.
    case confirm(seq: Int)
    /// Cookies that other workers of the run have changed; each text is one cookie (`WireCookies`).
    case cookies([String])
    /// A request to finish all tasks, send `bye` and exit.
    case drain
    /// A message that needs no reaction: a beat, or a message without a known type.
    case unknown

    /// The contents of a message that sends a task.
    package struct Assignment: Hashable, Sendable {
        /// The number that the result must carry.
        package var seq: Int
        /// The number of the attempt, from 1; 1 if it is missing or not a whole number.
        package var attempt: Int
        /// The range of the user's task object.
        package var task: Range<Int>
        /// The range of the response to process; `nil` if there is none.
        package var response: Range<Int>?

        /// Creates the contents from the numbers and the ranges of the message's parts in the line.
        package init(seq: Int, attempt: Int, task: Range<Int>, response: Range<Int>? = nil) {
            (self.seq, self.attempt, self.task, self.response) = (seq, attempt, task, response)
        }
    }

    /// Reads one line.
    ///
    /// - Throws: `JSONSyntaxError` if the line is not a JSON object, nests too deep, or lacks a necessary
    ///   member.
    package static func read(_ line: Span<UInt8>) throws(JSONSyntaxError) -> Self {
        if let task = FastTaskReader.read(line) { return .task(task) }
        return try readAny(line)
    }

    /// Reads a line of any form, including the form that `FastTaskReader` reads.
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

    /// Returns the number of the task in a damaged or incomplete line, so that the worker can send a result.
    ///
    /// Returns `nil` unless the type `task` and a valid number come before the error.
    package static func numberOfUnreadableTask(_ line: Span<UInt8>) -> Int? {
        var members = Members()
        var scanner = JSONScanner()
        do throws(JSONSyntaxError) {
            try scanner.enterObject(in: line)
            while let member = try scanner.nextMember(in: line) { members.note(member, in: line) }
        } catch {
            // The members before the error were noted.
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
        var cookies: JSONValue?
        var isRemote = false

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
            } else if line.isName(member, "cookies") {
                cookies = value.kind == .array ? value : nil
            } else if line.isName(member, "remote") {
                isRemote = value.kind == .true
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
            if line.isText(type, "init") {
                return .initialize(version: version ?? 0, config: config, isRemote: isRemote)
            }
            if line.isText(type, "confirm") {
                guard let seq else { throw JSONSyntaxError("confirm needs seq", at: 0) }
                return .confirm(seq: seq)
            }
            if line.isText(type, "cookies") {
                return .cookies(
                    try cookies.map { value throws(JSONSyntaxError) in try line.texts(of: value) } ?? []
                )
            }
            if line.isText(type, "recall") { return .recall(max: max ?? 0) }
            return line.isText(type, "drain") ? .drain : .unknown
        }
    }
}

/// A fast reader of task messages in exactly the form that this project's coordinator writes.
///
/// `CoordinatorMessage.readAny` handles all other lines.
package enum FastTaskReader {
    /// Reads a line; returns `nil` if the line has another form.
    package static func read(_ line: Span<UInt8>) -> CoordinatorMessage.Assignment? {
        unsafe line.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            // The buffer is valid during the call and has `buffer.count` bytes.
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
