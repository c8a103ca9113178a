// SPDX-License-Identifier: MIT
// fetchpool

import FetchClient
import FetchModel
import Platform
import PoolWire
import Spool

/// Writes results, and keeps in memory the results whose bodies cannot yet be spooled.
///
/// If the spool is full or broken, a beat reports this to the coordinator.
struct ResultQueue {
    /// The time until the waiting results are retried, in milliseconds.
    private static let pause = 100

    private let spool: SpoolWriter?
    private var waiting: [(seq: Int, result: FetchResult)] = []
    private var retryAt = 0
    /// True if results have begun to wait, or a retry has failed, since the last beat.
    private(set) var isNewsDue = false
    /// The text of the latest `SpoolWriter.Failure.broken`; each retry resets this text to `nil`.
    private var fault: String?

    /// Creates an empty queue; `noteWork` is called during long writes.
    ///
    /// Exits the process with a message and status 1 if responses are wanted and the settings name no spool.
    init(_ settings: FetchSettings, noteWork: @escaping () -> Void) {
        spool = settings.spoolDirectory.map { directory in
            SpoolWriter(
                directory: directory,
                worker: settings.workerNumber,
                segmentBytes: settings.segmentBytes,
                noteWork: noteWork
            )
        }
        if settings.wantsResponses, spool == nil {
            Program.leave("the coordinator wants responses but names no spool", status: 1)
        }
    }

    /// True while no result waits.
    var isEmpty: Bool { waiting.isEmpty }

    /// The rest of the pause before the retry; `nil` if no result waits.
    var millisecondsToRetry: Int32? {
        waiting.isEmpty ? nil : Int32(clamping: max(retryAt - MonotonicClock.milliseconds(), 0))
    }

    /// Ends the current segment if it got no body since the last call of this function.
    ///
    /// The coordinator can then free the segment's space. A segment without any body is not ended.
    mutating func leaveUnusedSegment() { spool?.leaveIfUnused() }

    /// Creates a beat, which counts the waiting results as tasks in flight.
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

    /// Writes the result of a task now, or lets the result wait for a retry.
    mutating func writeOrQueue(_ result: FetchResult, seq: Int, into writer: inout JSONWriter) {
        guard !write(result, seq: seq, into: &writer) else { return }
        if waiting.isEmpty { (isNewsDue, retryAt) = (true, MonotonicClock.milliseconds() + Self.pause) }
        waiting.append((seq, result))
    }

    /// Removes and returns the waiting results if the pause is over; the caller must give each back to
    /// `writeOrQueue`, in order.
    mutating func takeDue() -> [(seq: Int, result: FetchResult)] {
        guard millisecondsToRetry == 0 else { return [] }
        defer { (waiting, fault) = ([], nil) }
        return waiting
    }

    /// Writes `error` as the result of a task whose message could not be read.
    static func write(_ error: TaskError, seq: Int, into writer: inout JSONWriter) {
        writer.writeResultMessage(seq: seq) { $0.recordError(error) }
    }

    /// Writes one result; returns false if the result must wait for the spool.
    ///
    /// If the body can never fit in the spool, the result is written with an error and without the body.
    private mutating func write(_ result: FetchResult, seq: Int, into writer: inout JSONWriter) -> Bool {
        guard let spool, result.body != nil else {
            writer.beginResultMessage(seq: seq)
            result.writeMembers(into: &writer)
            writer.endResultMessage()
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
                    "the body of \(result.bodyBytes) bytes does not fit into the file system of the spool, which has \(size) bytes; name another folder with --spool"
                )
                writer.beginResultMessage(seq: seq)
                refused.writeMembers(into: &writer)
                writer.endResultMessage()
                return true
            }
            if case .broken(let reason) = error { fault = reason }
            return false
        }
        writer.beginResultMessage(seq: seq)
        result.writeMembers(into: &writer)
        if let response {
            writer.name("response")
            response.write(into: &writer)
        }
        writer.endResultMessage()
        return true
    }
}
