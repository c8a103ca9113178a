// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

/// The members of a record that a report needs; texts are ranges in the line.
package struct ReportRecord: Sendable {
    /// A worker: its place (number) in the pool, its process id, and whether the record names its machine.
    struct Worker: Hashable, Sendable {
        var place: Int
        var pid: Int?
        /// True for the child coordinator of a machine of `--hosts`.
        var hasHost = false
    }

    /// Durations of a fetch and of its processing, in milliseconds.
    ///
    /// A duration is `nil` if it is not known, is negative, or is 10^12 or more.
    struct Timing: Hashable, Sendable {
        var lookup: Double?
        var connecting: Double?
        var securing: Double?
        var firstByte: Double?
        var total: Double?
        var processing: Double?
    }

    var id: JSONValue?
    var url: JSONValue?
    var finalURL: JSONValue?
    var outcome = Outcome.ok
    var status: Int?
    var bodyBytes: Int?
    var wireBytes: Int?
    var timing = Timing()
    /// The time at which the response came or the fetch failed, in milliseconds since 1970-01-01T00:00:00Z;
    /// `nil` if the record has no such time.
    var fetchedAt: Int?
    var attempt: Int?
    var worker: Worker?
    var processor: Worker?
    var processorName: JSONValue?
    var errorClass: ErrorClass?
    var errorMessage: JSONValue?
    var signal: JSONValue?
    var exitCode: Int?
    var errorTail: JSONValue?
    var peakKiB: Int?
    var bodyPath: JSONValue?

    /// Reads the bytes of a line from `start` on; `nil` if they are not a JSON object with a known `outcome`.
    package init?(reading line: Span<UInt8>, at start: Int = 0) {
        var hasOutcome = false
        do throws(JSONSyntaxError) {
            var scanner = JSONScanner(at: start)
            try scanner.enterObject(in: line)
            while let member = try scanner.nextMember(in: line) {
                try read(member, in: line, &hasOutcome)
            }
            try scanner.finish(in: line)
        } catch {
            return nil
        }
        guard hasOutcome else { return nil }
    }

    /// Returns true if `line` seems to be the beginning of a longer JSON object, or contains a zero byte.
    ///
    /// The line must begin with `{` or with a zero byte; otherwise the result is false. `line` must not be
    /// empty.
    static func isTorn(_ line: Span<UInt8>) -> Bool {
        guard line[0] == 0 || line[0] == UInt8(ascii: "{") else { return false }
        // After a loss of power, a part of a file can consist of zero bytes.
        if line.indices.contains(where: { line[$0] == 0 }) { return true }
        do throws(JSONSyntaxError) {
            var scanner = JSONScanner()
            try scanner.enterObject(in: line)
            while try scanner.nextMember(in: line) != nil {}
        } catch {
            // The error can be in an escape, a literal or a character that the end of the line cuts off, such
            // as `\u00e` or `fals`.
            let rest = min(error.offset, line.count)..<line.count
            return rest.count <= 5 && rest.allSatisfy { !#" {}[],:""#.utf8.contains(line[$0]) }
        }
        return false
    }

    /// Returns true if `line`, up to its first zero byte, begins like a record of fetchpool.
    ///
    /// If there are fewer bytes than in the beginning of a record, only these bytes are compared. `line` must
    /// not be empty.
    static func begins(_ line: Span<UInt8>) -> Bool {
        let opening: StaticString = #"{"v":1,"id":"#
        let text = line.indices.first { line[$0] == 0 } ?? line.count
        let length = min(text, opening.utf8CodeUnitCount)
        // A static string has `utf8CodeUnitCount` bytes at `utf8Start`.
        return (0..<length).allSatisfy { unsafe line[$0] == opening.utf8Start[$0] }
    }

    private mutating func read(
        _ member: JSONMember,
        in line: Span<UInt8>,
        _ hasOutcome: inout Bool
    ) throws(JSONSyntaxError) {
        let value = member.value
        // Names of other lengths belong to members that are not needed, such as `v` and `meta`. No record
        // that fetchpool writes has escapes in a name.
        switch member.name.inside.count {
        case 2:
            if line.isName(member, "id"), value.kind == .string || value.kind == .number { id = value }
        case 3: if line.isName(member, "url"), value.kind == .string { url = value }
        case 5:
            if line.isName(member, "bytes") {
                try readBytes(value, in: line)
            } else if line.isName(member, "error") {
                try readError(value, in: line)
            }
        case 6: try readSix(member, in: line)
        case 7:
            if line.isName(member, "outcome") {
                guard let outcome = Self.outcome(value, in: line) else { return hasOutcome = false }
                (self.outcome, hasOutcome) = (outcome, true)
            } else if line.isName(member, "attempt") {
                attempt = line.integer(of: value)
            }
        case 9: try readNine(member, in: line)
        case 10:
            if line.isName(member, "fetched_at"), value.kind == .string {
                fetchedAt = RecordTime.milliseconds(reading: line.extracting(value.inside))
            }
        case 11:
            if line.isName(member, "stderr_tail"), value.kind == .array {
                errorTail = value
            } else if line.isName(member, "peak_rss_kb") {
                peakKiB = line.integer(of: value)
            }
        default: break
        }
    }

    private mutating func readSix(_ member: JSONMember, in line: Span<UInt8>) throws(JSONSyntaxError) {
        let value = member.value
        if line.isName(member, "status") {
            status = line.integer(of: value)
        } else if line.isName(member, "timing") {
            try readTiming(value, in: line)
        } else if line.isName(member, "worker") {
            worker = try readWorker(value, in: line)
        } else if line.isName(member, "signal"), value.kind == .string {
            signal = value
        }
    }

    private mutating func readNine(_ member: JSONMember, in line: Span<UInt8>) throws(JSONSyntaxError) {
        let value = member.value
        if line.isName(member, "final_url"), value.kind == .string {
            finalURL = value
        } else if line.isName(member, "processor") {
            processor = try readWorker(value, in: line)
        } else if line.isName(member, "exit_code") {
            exitCode = line.integer(of: value)
        } else if line.isName(member, "body_path"), value.kind == .string {
            bodyPath = value
        }
    }

    private static func outcome(_ value: JSONValue, in line: Span<UInt8>) -> Outcome? {
        // Most records are `ok`.
        if line.isText(value, "ok") { return .ok }
        return line.text(of: value).flatMap { Outcome(rawValue: String(decoding: $0, as: UTF8.self)) }
    }

    private mutating func readBytes(_ value: JSONValue, in line: Span<UInt8>) throws(JSONSyntaxError) {
        guard value.kind == .object else { return }
        var scanner = JSONScanner(at: value.range.lowerBound)
        try scanner.enterObject(in: line)
        while let member = try scanner.nextMember(in: line) {
            if line.isName(member, "wire") {
                wireBytes = line.integer(of: member.value)
            } else if line.isName(member, "body") {
                bodyBytes = line.integer(of: member.value)
            }
        }
    }

    private mutating func readTiming(_ value: JSONValue, in line: Span<UInt8>) throws(JSONSyntaxError) {
        guard value.kind == .object else { return }
        var scanner = JSONScanner(at: value.range.lowerBound)
        try scanner.enterObject(in: line)
        while let member = try scanner.nextMember(in: line) {
            let number = line.double(of: member.value).flatMap { $0 >= 0 && $0 < 1e12 ? $0 : nil }
            if line.isName(member, "total_ms") {
                timing.total = number
            } else if line.isName(member, "ttfb_ms") {
                timing.firstByte = number
            } else if line.isName(member, "process_ms") {
                timing.processing = number
            } else if line.isName(member, "dns_ms") {
                timing.lookup = number
            } else if line.isName(member, "connect_ms") {
                timing.connecting = number
            } else if line.isName(member, "tls_ms") {
                timing.securing = number
            }
        }
    }

    private mutating func readWorker(
        _ value: JSONValue,
        in line: Span<UInt8>
    ) throws(JSONSyntaxError) -> Worker? {
        guard value.kind == .object else { return nil }
        var (place, pid, hasHost): (Int?, Int?, Bool) = (nil, nil, false)
        var scanner = JSONScanner(at: value.range.lowerBound)
        try scanner.enterObject(in: line)
        while let member = try scanner.nextMember(in: line) {
            if line.isName(member, "id") {
                place = line.integer(of: member.value)
            } else if line.isName(member, "pid") {
                pid = line.integer(of: member.value)
            } else if line.isName(member, "name"), member.value.kind == .string {
                processorName = member.value
            } else if line.isName(member, "host") {
                hasHost = member.value.kind != .null
            }
        }
        return place.map { Worker(place: $0, pid: pid, hasHost: hasHost) }
    }

    private mutating func readError(_ value: JSONValue, in line: Span<UInt8>) throws(JSONSyntaxError) {
        guard value.kind == .object else { return }
        var scanner = JSONScanner(at: value.range.lowerBound)
        try scanner.enterObject(in: line)
        while let member = try scanner.nextMember(in: line) {
            if line.isName(member, "class") {
                errorClass = line.text(of: member.value).flatMap {
                    ErrorClass(rawValue: String(decoding: $0, as: UTF8.self))
                }
            } else if line.isName(member, "message"), member.value.kind == .string {
                errorMessage = member.value
            }
        }
    }
}
