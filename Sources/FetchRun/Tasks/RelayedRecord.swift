// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

/// The members that this run reads from the record of a child coordinator.
struct RelayedRecord {
    let outcome: Outcome
    let status: Int?
    /// The sizes, times and connections of the fetch.
    let traffic: FetchTraffic
    var errorClass: ErrorClass? { error?.errorClass }
    /// The error; `nil` if the record has no error, or an error without a known class.
    let error: TaskError?
    /// True if the record has the member `attempts`, whatever its value is.
    let hasAttempts: Bool
    private let places: Places

    /// The places of the values that this run may change, relative to the byte after the opening brace.
    private struct Places {
        /// The number `attempt`; `nil` if there is no such number.
        var attempt: Range<Int>?
        /// The array `attempts`; `nil` if there is no such array.
        var attempts: Range<Int>?
        /// True if the array `attempts` has no element.
        var isAttemptsEmpty = false
        /// The object `error` with a member `class`; `nil` if there is no such object.
        var error: Range<Int>?
    }

    /// A new text for a part of the record; `range` is relative to the byte after the opening brace.
    struct Change {
        var range: Range<Int>
        var text: [UInt8]
    }

    /// Reads the record at `range`; `nil` if it cannot be read, has no known outcome, or has a member that
    /// only this run may write.
    init?(_ range: Range<Int>, in line: Span<UInt8>) {
        let reserved: [StaticString] = ["v", "id", "url", "method", "meta", "worker"]
        let record = JSONValue(kind: .object, range: range)
        var (outcome, errorClass): (Outcome?, ErrorClass?) = (nil, nil)
        var (status, traffic): (Int?, FetchTraffic) = (nil, FetchTraffic())
        var (message, isRetryable): (String?, Bool) = (nil, false)
        var (places, hasAttempts) = (Places(), false)
        let start = range.lowerBound + 1
        do throws(JSONSyntaxError) {
            var scanner = JSONScanner(at: record.range.lowerBound)
            try scanner.enterObject(in: line)
            while let member = try scanner.nextMember(in: line) {
                for name in reserved where line.isName(member, name) { return nil }
                let isObject = member.value.kind == .object
                let place = member.value.range.lowerBound - start..<member.value.range.upperBound - start
                if line.isName(member, "outcome") {
                    outcome = Self.text(member.value, line).flatMap(Outcome.init)
                } else if line.isName(member, "status") {
                    status = line.integer(of: member.value)
                } else if line.isName(member, "error"), isObject,
                    let value = try line.member("class", of: member.value)
                {
                    places.error = place
                    errorClass = Self.text(value, line).flatMap(ErrorClass.init)
                    message = try line.member("message", of: member.value).flatMap { Self.text($0, line) }
                    isRetryable = try line.member("retryable", of: member.value)?.kind == .true
                } else if line.isName(member, "attempt"), member.value.kind == .number {
                    places.attempt = place
                } else if line.isName(member, "attempts") {
                    hasAttempts = true
                    places.attempts = member.value.kind == .array ? place : nil
                    let inside = member.value.range.dropFirst().dropLast()
                    places.isAttemptsEmpty = !inside.contains { line[$0] > UInt8(ascii: " ") }
                } else if line.isName(member, "bytes"), isObject {
                    traffic.bodyBytes = try Self.number("body", of: member.value, line)
                    traffic.wireBytes = try Self.number("wire", of: member.value, line)
                } else if line.isName(member, "remote_ip") {
                    traffic.hasPeer = true
                } else if line.isName(member, "timing"), isObject {
                    traffic.totalMilliseconds = try Self.milliseconds("total_ms", of: member.value, line)
                    traffic.lookupMilliseconds = try Self.milliseconds("dns_ms", of: member.value, line)
                    traffic.hasConnected = try line.member("connect_ms", of: member.value) != nil
                }
            }
        } catch {
            return nil
        }
        guard let outcome else { return nil }
        self.outcome = outcome
        (self.status, self.traffic) = (status, traffic)
        error = errorClass.map {
            TaskError($0, message ?? "the child coordinator gave no reason", isRetryable: isRetryable)
        }
        (self.places, self.hasAttempts) = (places, hasAttempts)
    }

    /// Returns the changes to `attempt`, `attempts` and `error` of the child's record.
    ///
    /// `final` replaces the child's error; if it is `nil`, the child's error stays.
    func changes(for item: RunItem, _ final: TaskError?) -> [Change] {
        var changes: [Change] = []
        if item.fetches > 1, let place = places.attempt {
            // This run writes its own number, because the child counts from 1 each time it gets the task.
            changes.append(Change(range: place, text: Array(String(item.fetches).utf8)))
        }
        if let final, final != error, let place = places.error {
            changes.append(Change(range: place, text: Self.value { $0.recordError(final) }))
        }
        if !item.earlierAttempts.isEmpty, let place = places.attempts {
            // The attempts of this run come first, because the child got the task after them.
            let own = Self.value { $0.recordAttempts(item.earlierAttempts) }
            let end = Array((places.isAttemptsEmpty ? "" : ",").utf8)
            changes.append(Change(range: place.prefix(1), text: own.dropLast() + end))
        }
        return changes.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// Returns the text between the braces of a record, with all `changes` applied.
    ///
    /// `inside` is the text without the changes. The changes must be in the order of their ranges.
    static func text(_ inside: Span<UInt8>, with changes: [Change]) -> [UInt8] {
        var (text, position): ([UInt8], Int) = ([], 0)
        for change in changes {
            text += inside.array(position..<change.range.lowerBound) + change.text
            position = change.range.upperBound
        }
        return text + inside.array(position..<inside.count)
    }

    /// Returns the value of the one member that `write` writes.
    private static func value(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        write(&writer)
        return Array(writer.take().drop { $0 != UInt8(ascii: ":") }.dropFirst())
    }

    /// Returns a time of the record in milliseconds, at most 1e9; `nil` if the time is missing, negative or
    /// not a number.
    private static func milliseconds(
        _ name: StaticString,
        of timing: JSONValue,
        _ line: Span<UInt8>
    ) throws(JSONSyntaxError) -> Double? {
        guard let value = try line.member(name, of: timing), let number = line.double(of: value) else {
            return nil
        }
        return number < 0 ? nil : min(number, 1e9)
    }

    private static func number(
        _ name: StaticString,
        of bytes: JSONValue,
        _ line: Span<UInt8>
    ) throws(JSONSyntaxError) -> Int? {
        try line.member(name, of: bytes).flatMap { line.integer(of: $0) }
    }

    private static func text(_ value: JSONValue, _ line: Span<UInt8>) -> String? {
        line.mendedText(of: value).map { String(decoding: $0, as: UTF8.self) }
    }
}
