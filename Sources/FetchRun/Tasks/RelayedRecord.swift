// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

/// The members of a child coordinator's record that this run reads.
struct RelayedRecord {
    let outcome: Outcome
    let status: Int?
    /// The sizes, times and connections of the fetch.
    let traffic: FetchTraffic
    var errorClass: ErrorClass? { error?.errorClass }
    /// The error; `nil` if the record has no error, or an error without a known class.
    let error: TaskError?
    /// The range of the number `attempt`, relative to the byte after the opening brace; `nil` if there is no
    /// such number.
    let attempt: Range<Int>?
    /// True if the record lists earlier attempts.
    let hasAttempts: Bool

    /// Reads the record at `range`; `nil` if it cannot be read, has no known outcome, or has a member that
    /// only this run may write.
    init?(_ range: Range<Int>, in line: Span<UInt8>) {
        let reserved: [StaticString] = ["v", "id", "url", "method", "meta", "worker"]
        let record = JSONValue(kind: .object, range: range)
        var (outcome, errorClass): (Outcome?, ErrorClass?) = (nil, nil)
        var (status, traffic): (Int?, FetchTraffic) = (nil, FetchTraffic())
        var (message, isRetryable): (String?, Bool) = (nil, false)
        var (attempt, hasAttempts): (Range<Int>?, Bool) = (nil, false)
        do throws(JSONSyntaxError) {
            var scanner = JSONScanner(at: record.range.lowerBound)
            try scanner.enterObject(in: line)
            while let member = try scanner.nextMember(in: line) {
                for name in reserved where line.isName(member, name) { return nil }
                let isObject = member.value.kind == .object
                if line.isName(member, "outcome") {
                    outcome = Self.text(member.value, line).flatMap(Outcome.init)
                } else if line.isName(member, "status") {
                    status = line.integer(of: member.value)
                } else if line.isName(member, "error"), isObject,
                    let value = try line.member("class", of: member.value)
                {
                    errorClass = Self.text(value, line).flatMap(ErrorClass.init)
                    message = try line.member("message", of: member.value).flatMap { Self.text($0, line) }
                    isRetryable = try line.member("retryable", of: member.value)?.kind == .true
                } else if line.isName(member, "attempt"), member.value.kind == .number {
                    let start = range.lowerBound + 1
                    attempt = member.value.range.lowerBound - start..<member.value.range.upperBound - start
                } else if line.isName(member, "attempts") {
                    hasAttempts = true
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
        (self.attempt, self.hasAttempts) = (attempt, hasAttempts)
    }

    /// Returns a time of the record in milliseconds, at most 1e9; `nil` if it is missing, negative or no
    /// number.
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
        line.text(of: value).map { String(decoding: $0, as: UTF8.self) }
    }
}
