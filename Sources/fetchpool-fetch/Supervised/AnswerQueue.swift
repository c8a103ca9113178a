// SPDX-License-Identifier: MIT
// fetchpool

import FetchClient
import FetchModel
import Platform
import PoolWire

/// Writes answers; those whose bodies find the spool full or broken wait here, in memory, and are tried again.
///
/// Each such time the coordinator is told, who makes room or ends the run.
struct AnswerQueue {
    /// How long to wait for room in the spool, in milliseconds.
    private static let pause = 100

    private let spool: SpoolWriter?
    private var waiting: [(seq: Int, result: FetchResult)] = []
    private var retryAt = 0
    /// Whether the spool was found full since the last beat.
    private(set) var isNewsDue = false
    /// Why the spool could not be written when last tried, if it is not only full.
    private var fault: String?

    init(_ settings: FetchSettings) {
        spool = settings.spoolDirectory.map { directory in
            SpoolWriter(
                directory: directory,
                worker: settings.workerNumber,
                segmentBytes: settings.segmentBytes
            )
        }
        if settings.wantsResponses, spool == nil {
            Program.leave("the coordinator wants responses but names no spool", status: 1)
        }
    }

    /// Whether no answer waits.
    var isEmpty: Bool { waiting.isEmpty }

    /// How long until the answers that wait are to be tried again; `nil` if none waits.
    var millisecondsToRetry: Int32? {
        waiting.isEmpty ? nil : Int32(clamping: max(retryAt - MonotonicClock.milliseconds(), 0))
    }

    /// Leaves a segment that no body has come into since this was last called: its room may be all that others lack.
    mutating func leaveUnusedSegment() { spool?.leaveIfUnused() }

    /// What a beat says now.
    mutating func beat(rssKB: Int?, inFlight: Int) -> Beat {
        isNewsDue = false
        return Beat(
            rssKB: rssKB,
            inFlight: inFlight + waiting.count,
            segment: spool?.segment,
            isSpoolFull: !waiting.isEmpty,
            spoolFault: fault
        )
    }

    /// Answers a task, at once or when the spool has room.
    mutating func answer(_ result: FetchResult, seq: Int, into writer: inout JSONWriter) {
        guard !write(result, seq: seq, into: &writer) else { return }
        if waiting.isEmpty { (isNewsDue, retryAt) = (true, MonotonicClock.milliseconds() + Self.pause) }
        waiting.append((seq, result))
    }

    /// Tries the answers that wait, if it is time.
    mutating func retry(into writer: inout JSONWriter) {
        guard millisecondsToRetry == 0 else { return }
        let tried = waiting
        (waiting, fault) = ([], nil)
        for (seq, result) in tried { answer(result, seq: seq, into: &writer) }
    }

    /// Answers a task that could not be read.
    static func write(_ error: TaskError, seq: Int, into writer: inout JSONWriter) {
        writer.writeAnswer(seq: seq) { $0.recordError(error) }
    }

    /// Writes one answer; `false` if the spool does not take its body.
    private mutating func write(_ result: FetchResult, seq: Int, into writer: inout JSONWriter) -> Bool {
        guard let spool, result.body != nil else {
            writer.beginAnswer(seq: seq)
            result.writeAnswer(into: &writer)
            writer.endAnswer()
            return true
        }
        let response: Response?
        do throws(SpoolWriter.Failure) {
            response = try result.response(spooledBy: spool)
        } catch {
            if case .tooLarge(let size) = error {
                var refused = result
                refused.body = nil
                refused.error = TaskError(
                    .tooLarge,
                    "the body of \(result.bodyBytes) bytes is larger than the spool's file system, which has \(size); name another folder with --spool"
                )
                writer.beginAnswer(seq: seq)
                refused.writeAnswer(into: &writer)
                writer.endAnswer()
                return true
            }
            if case .broken(let reason) = error { fault = reason }
            return false
        }
        writer.beginAnswer(seq: seq)
        result.writeAnswer(into: &writer)
        if let response {
            writer.name("response")
            response.write(into: &writer)
        }
        writer.endAnswer()
        return true
    }
}
