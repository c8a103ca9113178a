// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The known members of a task object, found in one pass.
///
/// Programs that write tables as JSON write `null` for a missing value. So a member that is `null` counts as
/// missing, except `url` and `meta`.
struct TaskMembers {
    var url: JSONValue?
    var id: JSONValue?
    var meta: JSONValue?
    var method: JSONValue?
    var headers: JSONValue?
    var body: JSONValue?
    var bodyBase64: JSONValue?
    var timeout: JSONValue?
    var idempotent: JSONValue?
    private var version: JSONValue?
    private var outcome: JSONValue?
    /// True if some programs would read the object as several lines; see `SingleLine`.
    private(set) var breaksLines = false
    /// True if a member with one of `optionalNames` is `null`, and so counts as missing.
    private(set) var hasNulls = false

    /// The names of the members for which `null` has the meaning of a missing member.
    private static let optionalNames: [StaticString] = [
        "id", "method", "headers", "body", "body_base64", "timeout_s", "idempotent",
    ]

    /// Scans the whole object; after an error, the members before the error are set.
    mutating func read(_ object: Span<UInt8>) throws(JSONSyntaxError) {
        var scanner = JSONScanner(maxDepth: WireLimits.maxValueDepth)
        defer { breaksLines = scanner.breaksLines }
        try scanner.enterObject(in: object)
        while let member = try scanner.nextMember(in: object) { note(member, in: object) }
        try scanner.finish(in: object)
    }

    /// Returns true if the object is a record of an earlier run.
    ///
    /// A user can give records as tasks.
    func isRecord(in object: Span<UInt8>) -> Bool {
        guard let version, object.integer(of: version) == 1, let outcome, let word = object.text(of: outcome)
        else { return false }
        return Outcome(rawValue: String(decoding: word, as: UTF8.self)) != nil
    }

    private mutating func note(_ member: JSONMember, in object: Span<UInt8>) {
        if member.value.kind == .null, Self.isOptional(member, in: object) {
            hasNulls = true
        } else if object.isName(member, "url") {
            url = member.value
        } else if object.isName(member, "id") {
            id = member.value
        } else if object.isName(member, "meta") {
            meta = member.value
        } else if object.isName(member, "method") {
            method = member.value
        } else if object.isName(member, "headers") {
            headers = member.value
        } else if object.isName(member, "body") {
            body = member.value
        } else if object.isName(member, "body_base64") {
            bodyBase64 = member.value
        } else if object.isName(member, "timeout_s") {
            timeout = member.value
        } else if object.isName(member, "idempotent") {
            idempotent = member.value
        } else if object.isName(member, "v") {
            version = member.value
        } else if object.isName(member, "outcome") {
            outcome = member.value
        }
    }

    private static func isOptional(_ member: JSONMember, in object: Span<UInt8>) -> Bool {
        optionalNames.contains { object.isName(member, $0) }
    }

    /// Returns a copy of a valid task object, without the optional members and the header fields that are
    /// `null`.
    ///
    /// So workers never get such a `null`.
    static func withoutNulls(_ object: Span<UInt8>) -> [UInt8] {
        object.object(at: 0) { member in
            let value = member.value
            if value.kind == .null, isOptional(member, in: object) { return nil }
            guard value.kind == .object, object.isName(member, "headers") else {
                return object.array(value.range)
            }
            return object.object(at: value.range.lowerBound) { field in
                field.value.kind == .null ? nil : object.array(field.value.range)
            }
        }
    }
}
