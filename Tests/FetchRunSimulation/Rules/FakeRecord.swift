// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

/// The members of a record that the rules check.
///
/// An optional property is `nil` if its value is missing or cannot be used. `id` is 0 if the record has no
/// usable id.
struct FakeRecord {
    var id = 0
    var outcome = Outcome.skipped
    var errorClass: ErrorClass?
    /// The index of the line that `result` names.
    var line: Int?
    /// The process id of the worker that the record names as `worker`.
    var pid: Int?
    /// The number of fetches that the record states.
    var attempt: Int?
    /// The method that the record states.
    var method: String?
    /// The JSON text of the user's `meta`.
    var meta: String?

    /// Reads a record.
    ///
    /// - Throws: `JSONSyntaxError` if the text is not a JSON object, or does not have exactly one outcome, or
    ///   if the outcome is unknown. The initializer also throws if `error`, `result` or `worker` is not an
    ///   object.
    init(reading text: [UInt8]) throws(JSONSyntaxError) {
        let span = text.span
        var scanner = JSONScanner()
        var hasOutcome = false
        try scanner.enterObject(in: span)
        while let member = try scanner.nextMember(in: span) {
            if span.isName(member, "id") {
                let value = member.value.kind == .string ? member.value.inside : member.value.range
                id = span.integer(of: JSONValue(kind: .number, range: value)) ?? 0
            } else if span.isName(member, "outcome") {
                let name = span.text(of: member.value).map { String(decoding: $0, as: UTF8.self) }
                guard !hasOutcome, let value = name.flatMap(Outcome.init) else {
                    throw JSONSyntaxError("the record has two outcomes, or an unknown outcome", at: 0)
                }
                (outcome, hasOutcome) = (value, true)
            } else if span.isName(member, "error") {
                let value = try span.member("class", of: member.value).flatMap { span.text(of: $0) }
                errorClass = value.flatMap { ErrorClass(rawValue: String(decoding: $0, as: UTF8.self)) }
            } else if span.isName(member, "result") {
                line = try span.member("line", of: member.value).flatMap { span.integer(of: $0) }
            } else if span.isName(member, "worker") {
                pid = try span.member("pid", of: member.value).flatMap { span.integer(of: $0) }
            } else if span.isName(member, "attempt") {
                attempt = span.integer(of: member.value)
            } else if span.isName(member, "method") {
                method = span.text(of: member.value).map { String(decoding: $0, as: UTF8.self) }
            } else if span.isName(member, "meta") {
                meta = String(decoding: span.array(member.value.range), as: UTF8.self)
            }
        }
        try scanner.finish(in: span)
        if !hasOutcome { throw JSONSyntaxError("the record has no outcome", at: 0) }
    }
}
