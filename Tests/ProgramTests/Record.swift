// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms

/// A record that a program wrote.
struct Record {
    private let members: [String: Any]

    /// Reads a record from one line of JSON.
    ///
    /// - Throws: `ProgramError` or an error of Foundation if the line is not a JSON object.
    init(_ line: String) throws {
        guard let members = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
            throw ProgramError(description: "a record is no object: \(line)")
        }
        self.members = members
    }

    /// The id as text; `none` if the record has no id.
    var id: String { members["id"].map { "\($0)" } ?? "none" }
    var url: String? { members["url"] as? String }
    var outcome: String? { members["outcome"] as? String }
    /// The label of the fetch worker's machine; `nil` if the record has none.
    var workerHost: String? { (members["worker"] as? [String: Any])?["host"] as? String }
    /// The result, of any type; `nil` if the record has none.
    var anyResult: Any? { members["result"] }
    var signal: String? { members["signal"] as? String }
    var exitCode: Int? { members["exit_code"] as? Int }
    var status: Int? { members["status"] as? Int }
    var httpVersion: String? { members["http_version"] as? String }
    var remoteIP: String? { members["remote_ip"] as? String }
    /// The redirects that were followed, as `STATUS URL`; empty without `redirect_chain`.
    var redirectChain: [String] {
        (members["redirect_chain"] as? [[String: Any]] ?? []).map { hop in
            "\(hop["status"] as? Int ?? 0) \(hop["url"] as? String ?? "none")"
        }
    }
    var finalURL: String? { members["final_url"] as? String }
    var redirects: Int? { members["redirects"] as? Int }
    /// The size of the decoded body, in bytes.
    var bodyBytes: Int? { (members["bytes"] as? [String: Any])?["body"] as? Int }
    var isInsecure: Bool? { members["insecure"] as? Bool }
    var attempt: Int? { members["attempt"] as? Int }
    /// The attempts before the last attempt, in order.
    var attempts: [Attempt] {
        (members["attempts"] as? [[String: Any]] ?? []).map { earlier in
            Attempt(
                errorClass: earlier["class"] as? String ?? "none",
                total: earlier["total_ms"] as? Double,
                wait: earlier["wait_ms"] as? Double
            )
        }
    }
    /// The seconds since the end of the fetch; `nil` if the record has no time, infinity for an invalid time.
    var secondsSinceFetched: Double? {
        guard let text = members["fetched_at"] as? String else { return nil }
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return (try? format.parse(text)).map { -$0.timeIntervalSinceNow } ?? .infinity
    }
    var timing: [String: Any] { members["timing"] as? [String: Any] ?? [:] }
    var errorClass: String? { error["class"] as? String }
    var errorMessage: String { error["message"] as? String ?? "" }
    /// The failure; `nil` if the record has no error with a class and a `retryable`.
    var failure: Failure? {
        guard let errorClass, let isRetryable = error["retryable"] as? Bool else { return nil }
        return Failure(outcome ?? "none", errorClass, isRetryable: isRetryable)
    }
    private var error: [String: Any] { members["error"] as? [String: Any] ?? [:] }
    var stderrTail: [String] { members["stderr_tail"] as? [String] ?? [] }
    var peakKB: Int? { members["peak_rss_kb"] as? Int }
    var bodyPath: String? { members["body_path"] as? String }
    /// The error classes of the attempts before the last attempt, in order.
    var earlierAttempts: [String] {
        (members["attempts"] as? [[String: Any]] ?? []).compactMap { $0["class"] as? String }
    }
    var result: [String: Any] { members["result"] as? [String: Any] ?? [:] }
    var workerPid: Int32? { Self.pid(members["worker"]) }
    var processorPid: Int32? { Self.pid(members["processor"]) }

    /// The record as JSON with sorted members, without the fetch worker and `timing`.
    ///
    /// A few words replace the value of `fetched_at` and each duration such as `after 12 milliseconds`.
    var comparable: String {
        get throws {
            var same = members.filter { $0.key != "worker" && $0.key != "timing" }
            if let age = secondsSinceFetched {
                same["fetched_at"] = abs(age) < 600 ? "lately" : "at another time"
            }
            let bytes = try JSONSerialization.data(withJSONObject: same, options: .sortedKeys)
            return String(decoding: bytes, as: UTF8.self)
                .replacing(/after \d+ milliseconds/, with: "after a while")
        }
    }

    private static func pid(_ value: Any?) -> Int32? {
        ((value as? [String: Any])?["pid"] as? Int).map(Int32.init)
    }
}

/// An attempt before the last attempt of a task.
struct Attempt {
    /// The error class of the attempt; `none` if the record names no class.
    let errorClass: String
    /// The duration of the attempt in milliseconds; `nil` if the record does not tell it.
    let total: Double?
    /// The time from this attempt to the next one in milliseconds; `nil` if the record does not tell it.
    let wait: Double?
}

/// The failure that a record describes.
struct Failure: Hashable, Sendable {
    let outcome: String
    let errorClass: String
    let isRetryable: Bool

    init(_ outcome: String, _ errorClass: String, isRetryable: Bool) {
        (self.outcome, self.errorClass, self.isRetryable) = (outcome, errorClass, isRetryable)
    }
}

extension RunningProgram {
    /// Returns the next record; `nil` at the end of the output.
    func record(within bound: Duration = patience) throws -> Record? {
        try line(within: bound).map(Record.init)
    }

    /// Ends the input, and reads all remaining records.
    func remainingRecords() throws -> [Record] {
        try finish().lines.map(Record.init)
    }
}

extension RunningProgram.Finished {
    /// The records on standard output.
    var records: [Record] {
        get throws { try lines.map(Record.init) }
    }
}

extension [Record] {
    /// The number of records of each outcome.
    var outcomes: [String: Int] {
        reduce(into: [:]) { $0[$1.outcome ?? "none", default: 0] += 1 }
    }

    /// The ids that are integers, in ascending order.
    var sortedIDs: [Int] { compactMap { Int($0.id) }.sorted() }
}
