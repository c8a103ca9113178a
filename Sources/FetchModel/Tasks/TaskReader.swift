// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A parser of task objects.
///
/// If a member occurs more than once, its last value counts. A `null` that stands for a missing member is
/// passed over.
struct TaskReader {
    /// The value of `url` in the parsed object; `nil` unless it is a string.
    private(set) var url: JSONValue?
    /// The value of `id`; `nil` unless it is a string or an integer.
    private(set) var id: JSONValue?
    /// True if the object may hold an id that could not be read.
    private(set) var isIDHidden = true
    /// The value of `meta`, of any kind; `nil` if the object has no such member.
    private(set) var meta: JSONValue?
    /// True if some programs would read the object as several lines; see `SingleLine`.
    private(set) var breaksLines = false
    /// True if the object has a `null` that `TaskMembers.withoutNulls` leaves out.
    private(set) var hasNulls = false

    /// The new text for the task's URL; `nil` if the URL stays as it is.
    private(set) var newURL: [UInt8]?

    /// The scheme for URLs that have none; `nil` if such URLs are refused.
    let defaultScheme: TargetURL.Scheme?
    /// True if the object was made from a record of an earlier run, or is itself such a record and has a
    /// method.
    private(set) var isOfRecord: Bool
    /// The value of `method`; `nil` unless it is a string.
    private var methodMember: JSONValue?
    /// True if the object has a member for header fields or for a body.
    private var hasContent = false
    private var target: TargetURL?
    private var headersMember: JSONValue?
    private var method = FetchTask.Method.get
    private var headers: [HeaderField] = []
    private var body: [UInt8]?
    private var timeout: Duration?
    private var idempotent: Bool?

    /// Creates a reader of one task object.
    init(defaultScheme: TargetURL.Scheme? = nil, isOfRecord: Bool = false) {
        (self.defaultScheme, self.isOfRecord) = (defaultScheme, isOfRecord)
    }

    /// The largest number of bytes of a method that messages and records show.
    private static let mostMethodBytes = 32

    /// Parses and checks all members.
    ///
    /// After most errors, `url`, `id` and `meta` are set, so the record of a refused task can contain them.
    mutating func read(_ object: Span<UInt8>) throws(TaskError) {
        var members = TaskMembers()
        do throws(JSONSyntaxError) {
            try members.read(object)
        } catch {
            guard error.isTooDeep else {
                let remedy = error.reason.hasPrefix("the text ends") ? "; write each task on one line" : ""
                throw TaskError(.json, "not valid JSON: \(error)\(remedy)")
            }
            // The members before the deep value are valid.
            keep(members, in: object)
            isIDHidden = id == nil
            throw TaskError(.json, "the task is \(error); flatten it")
        }
        keep(members, in: object)
        isIDHidden = members.id != nil && id == nil
        if isIDHidden {
            throw TaskError(.json, "\"id\" must be a string or an integer")
        }
        try note(members, in: object)
        guard let url else {
            let fault = members.url == nil ? "the task has no \"url\"" : "\"url\" must be a string"
            throw TaskError(.json, fault)
        }
        try readTarget(url, in: object)
        if isOfRecord, methodMember != nil {
            let request =
                method == .get ? "a GET with header fields or a body of its own" : "a \(method.rawValue)"
            throw TaskError(
                .json,
                "the record is that of \(request), and a record holds neither header fields nor a body; fetch the task again from its own list, with --retry-failed"
            )
        }
    }

    /// Keeps the members that a record copies.
    private mutating func keep(_ members: TaskMembers, in object: Span<UInt8>) {
        (meta, breaksLines, hasNulls) = (members.meta, members.breaksLines, members.hasNulls)
        if let value = members.url, value.kind == .string { url = value }
        if let value = members.id, Self.isID(value, in: object) { id = value }
        if let value = members.method, value.kind == .string {
            methodMember = value
            if members.isRecord(in: object) { isOfRecord = true }
        }
        hasContent = members.headers != nil || members.body != nil || members.bodyBase64 != nil
    }

    /// Returns the member `method` for the record of a refused task, as a JSON string; `nil` if the object
    /// names no method except GET, and has neither header fields nor a body.
    ///
    /// If the object comes from a record that names a method, the result is this method, even if it is GET. A
    /// record names GET only for a request with header fields or a body.
    func recordedMethod(in object: Span<UInt8>) -> [UInt8]? {
        guard let methodMember else { return hasContent ? Array(#""GET""#.utf8) : nil }
        guard isOfRecord || hasContent || !object.isText(methodMember, "GET") else { return nil }
        let text = object.text(of: methodMember) ?? object.array(methodMember.inside)
        var writer = JSONWriter()
        writer.string(Excerpt.of(text.span, from: 0, to: text.count, limit: Self.mostMethodBytes))
        return writer.take()
    }

    /// Returns the task; call this function after `read` has returned.
    func task() throws(TaskError) -> FetchTask {
        guard let target else { throw TaskError(.json, "the task has no \"url\"") }
        var task = FetchTask(url: target)
        task.method = method
        task.headers = authorization.map { [$0] + headers } ?? headers
        task.body = body
        task.timeout = timeout
        task.isIdempotent = idempotent ?? method.isIdempotent
        return task
    }

    /// The field for the user name and password of the URL; `nil` if the URL has none, or if the task has its
    /// own `Authorization` field.
    private var authorization: HeaderField? {
        headers.contains { $0.isAuthorization } ? nil : target?.authorization
    }

    private mutating func readTarget(_ url: JSONValue, in object: Span<UInt8>) throws(TaskError) {
        guard let text = url.isEscaped ? object.text(of: url) : [] else {
            throw TaskError(.url, "the URL contains half a surrogate pair; write the whole pair")
        }
        do throws(URLRefusal) {
            let target = try readURL(url.isEscaped ? text.span : object.extracting(url.inside))
            if target.user != nil { newURL = target.text }
            self.target = target
        } catch {
            throw TaskError(error.errorClass, error.description)
        }
    }

    private mutating func readURL(_ text: Span<UInt8>) throws(URLRefusal) -> TargetURL {
        do throws(URLRefusal) {
            return try TargetURL(reading: text)
        } catch {
            guard case .missingScheme = error, let defaultScheme,
                let url = URLAdvice.withScheme(defaultScheme, text)
            else { throw error }
            let target = try TargetURL(reading: url.span)
            newURL = url
            return target
        }
    }

    /// Returns the task object with `newURL` as its URL; `nil` if the object stays as it is.
    ///
    /// The new URL has neither user name nor password, so the URL in the task's record contains no password.
    /// If `authorization` is not `nil`, this field is added to the header fields.
    func rewritten(_ object: Span<UInt8>) -> [UInt8]? {
        guard let newURL, let url else { return nil }
        var writer = JSONWriter()
        writer.string(newURL.span)
        var edits = [(range: url.range, text: writer.take())]
        if let field = authorization?.json {
            if let headersMember {
                let start = headersMember.range.lowerBound + 1
                edits.append((start..<start, headers.isEmpty ? field : field + [UInt8(ascii: ",")]))
            } else {
                let member = Array(",\"headers\":{".utf8) + field + [UInt8(ascii: "}")]
                edits[0].text += member
            }
        }
        var copy = object.array(0..<object.count)
        for edit in edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
            copy.replaceSubrange(edit.range, with: edit.text)
        }
        return copy
    }

    private static func isID(_ value: JSONValue, in object: Span<UInt8>) -> Bool {
        value.kind == .string
            || value.kind == .number && value.range.allSatisfy { isIntegerByte(object[$0]) }
    }

    private static func isIntegerByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") < 10
    }

    private mutating func note(_ members: TaskMembers, in object: Span<UInt8>) throws(TaskError) {
        if let value = members.method { try readMethod(value, in: object) }
        if let value = members.headers {
            headers = try HeaderField.read(value, in: object, &hasNulls)
            headersMember = value
        }
        if let value = members.body {
            if members.bodyBase64 != nil {
                throw TaskError(.json, "give \"body\" or \"body_base64\", not both")
            }
            body = try Self.text(of: value, called: "body", in: object)
        } else if let value = members.bodyBase64 {
            let encoded = try Self.text(of: value, called: "body_base64", in: object)
            body = Base64.decode(encoded.span)
            if body == nil { throw TaskError(.json, "\"body_base64\" is not base64") }
        }
        if let value = members.timeout { try readTimeout(value, in: object) }
        if let value = members.idempotent {
            guard value.kind == .true || value.kind == .false else {
                throw TaskError(.json, "\"idempotent\" must be true or false")
            }
            idempotent = value.kind == .true
        }
    }

    private static func text(
        of value: JSONValue,
        called name: String,
        in object: Span<UInt8>
    ) throws(TaskError) -> [UInt8] {
        guard value.kind == .string else { throw TaskError(.json, "\"\(name)\" must be a string") }
        guard let text = object.text(of: value) else { throw .halfCharacter(in: name) }
        return text
    }

    private mutating func readMethod(_ value: JSONValue, in object: Span<UInt8>) throws(TaskError) {
        let name = try Self.text(of: value, called: "method", in: object)
        guard let known = FetchTask.Method(rawValue: String(decoding: name, as: UTF8.self)) else {
            let all = FetchTask.Method.allCases.map(\.rawValue).joined(separator: ", ")
            let shown = Excerpt.of(name.span, from: 0, to: name.count, limit: Self.mostMethodBytes)
            throw TaskError(.json, "unknown method '\(shown)'; use one of \(all)")
        }
        method = known
    }

    private mutating func readTimeout(_ value: JSONValue, in object: Span<UInt8>) throws(TaskError) {
        guard let seconds = object.double(of: value), seconds >= 0.001, seconds <= 86_400 else {
            throw TaskError(.json, "\"timeout_s\" must be a number of seconds from 0.001 to 86400")
        }
        timeout = .milliseconds(Int((seconds * 1_000).rounded()))
    }
}
