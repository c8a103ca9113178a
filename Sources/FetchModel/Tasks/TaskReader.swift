// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// Reads a task object member by member; the one place that knows which members there are.
struct TaskReader {
    /// The value of `url`, a string, in the object that was read.
    private(set) var url: JSONValue?
    /// The value of `id`, a string or an integer.
    private(set) var id: JSONValue?
    /// The value of `meta`.
    private(set) var meta: JSONValue?

    private var target: TargetURL?
    private var method = FetchTask.Method.get
    private var headers: [HeaderField] = []
    private var body: [UInt8]?
    private var hasTwoBodies = false
    private var timeout: Duration?
    private var idempotent: Bool?

    /// Reads and checks all members.
    ///
    /// What was read before a throw stays, so that a refused task keeps its id.
    mutating func read(_ object: Span<UInt8>) throws(TaskError) {
        var isUsualID = true
        var hasMore = false
        do throws(JSONSyntaxError) {
            var scanner = JSONScanner()
            try scanner.enterObject(in: object)
            while let member = try scanner.nextMember(in: object) {
                if object.isName(member, "url"), member.value.kind == .string {
                    url = member.value
                } else if object.isName(member, "id") {
                    isUsualID = isUsualID && isID(member.value, in: object)
                    if isUsualID { id = member.value }
                } else if object.isName(member, "meta") {
                    meta = member.value
                } else {
                    hasMore = true
                }
            }
            try scanner.finish(in: object)
        } catch {
            self = TaskReader()
            throw TaskError(.json, "not valid JSON: \(error)")
        }
        guard isUsualID else { throw TaskError(.json, "\"id\" must be a string or an integer") }
        // A second look, at what few tasks have.
        if hasMore {
            for member in (try? Self.members(of: object, from: 0)) ?? [] { try note(member, in: object) }
        }
        guard let url else { throw TaskError(.json, "the task has no \"url\"") }
        target = try Self.target(url, in: object)
        if hasTwoBodies { throw TaskError(.json, "give \"body\" or \"body_base64\", not both") }
    }

    /// The task, after `read` has returned.
    func task() throws(TaskError) -> FetchTask {
        guard let target else { throw TaskError(.json, "the task has no \"url\"") }
        var task = FetchTask(url: target)
        task.method = method
        task.headers = headers
        task.body = body
        task.timeout = timeout
        task.isIdempotent = idempotent ?? method.isIdempotent
        return task
    }

    private static func target(_ url: JSONValue, in object: Span<UInt8>) throws(TaskError) -> TargetURL {
        guard let text = url.isEscaped ? object.text(of: url) : [] else {
            throw TaskError(.url, "the URL holds half a surrogate pair, which no text can")
        }
        do throws(URLRefusal) {
            return try TargetURL(reading: url.isEscaped ? text.span : object.extracting(url.inside))
        } catch {
            throw TaskError(error.errorClass, error.description)
        }
    }

    /// The members of the object that begins at `start`, in their order.
    private static func members(
        of object: Span<UInt8>,
        from start: Int
    ) throws(JSONSyntaxError) -> [JSONMember] {
        var scanner = JSONScanner(at: start)
        try scanner.enterObject(in: object)
        var members: [JSONMember] = []
        while let member = try scanner.nextMember(in: object) { members.append(member) }
        return members
    }

    private func isID(_ value: JSONValue, in object: Span<UInt8>) -> Bool {
        value.kind == .string
            || value.kind == .number && value.range.allSatisfy { isIntegerByte(object[$0]) }
    }

    private func isIntegerByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") < 10
    }

    private mutating func note(_ member: JSONMember, in object: Span<UInt8>) throws(TaskError) {
        let value = member.value
        if object.isName(member, "url") {
            guard value.kind == .string else { throw TaskError(.json, "\"url\" must be a string") }
        } else if object.isName(member, "method") {
            try readMethod(value, in: object)
        } else if object.isName(member, "headers") {
            try readHeaders(value, in: object)
        } else if object.isName(member, "body") {
            try setBody(try text(of: value, called: "body", in: object))
        } else if object.isName(member, "body_base64") {
            let encoded = try text(of: value, called: "body_base64", in: object)
            guard let decoded = Base64.decode(encoded.span) else {
                throw TaskError(.json, "\"body_base64\" is not base64")
            }
            try setBody(decoded)
        } else if object.isName(member, "timeout_s") {
            try readTimeout(value, in: object)
        } else if object.isName(member, "idempotent") {
            guard value.kind == .true || value.kind == .false else {
                throw TaskError(.json, "\"idempotent\" must be true or false")
            }
            idempotent = value.kind == .true
        }
    }

    private mutating func setBody(_ bytes: [UInt8]) throws(TaskError) {
        hasTwoBodies = body != nil
        body = bytes
    }

    private func text(
        of value: JSONValue,
        called name: String,
        in object: Span<UInt8>
    ) throws(TaskError) -> [UInt8] {
        guard let text = object.text(of: value) else {
            throw TaskError(.json, "\"\(name)\" must be a string")
        }
        return text
    }

    private mutating func readMethod(_ value: JSONValue, in object: Span<UInt8>) throws(TaskError) {
        let name = String(decoding: try text(of: value, called: "method", in: object), as: UTF8.self)
        guard let known = FetchTask.Method(rawValue: name) else {
            let all = FetchTask.Method.allCases.map(\.rawValue).joined(separator: ", ")
            throw TaskError(.json, "unknown method '\(name)'; use one of \(all)")
        }
        method = known
    }

    private mutating func readTimeout(_ value: JSONValue, in object: Span<UInt8>) throws(TaskError) {
        guard let seconds = object.double(of: value), seconds >= 0.001, seconds <= 86_400 else {
            throw TaskError(.json, "\"timeout_s\" must be a number of seconds from 0.001 to 86400")
        }
        timeout = .milliseconds(Int((seconds * 1_000).rounded()))
    }

    private mutating func readHeaders(_ value: JSONValue, in object: Span<UInt8>) throws(TaskError) {
        guard value.kind == .object, let members = try? Self.members(of: object, from: value.range.lowerBound)
        else {
            throw TaskError(.json, "\"headers\" must be an object of strings")
        }
        headers = []
        for member in members {
            guard let name = object.text(of: member.name), let text = object.text(of: member.value) else {
                throw TaskError(.json, "\"headers\" must be an object of strings")
            }
            let field = HeaderField(
                name: String(decoding: name, as: UTF8.self),
                value: String(decoding: text, as: UTF8.self)
            )
            if let refusal = field.refusal { throw TaskError(.json, refusal) }
            headers.append(field)
        }
    }
}
