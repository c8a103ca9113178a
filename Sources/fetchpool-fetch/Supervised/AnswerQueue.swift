// SPDX-License-Identifier: MIT
// fetchpool

import FetchClient
import FetchModel
import PoolWire

/// Writes answers; those whose bodies find the spool full wait here, in memory, and are tried again.
struct AnswerQueue {
    /// How long to wait for room in the spool, in milliseconds.
    static let pause: Int32 = 100

    private let spool: SpoolWriter?
    private var waiting: [(seq: Int, result: FetchResult)] = []

    init(_ settings: FetchSettings) {
        spool = settings.spoolDirectory.map { SpoolWriter(directory: $0, worker: settings.workerNumber) }
        if settings.wantsResponses, spool == nil {
            Program.leave("the coordinator wants responses but names no spool", status: 1)
        }
    }

    /// Whether no answer waits.
    var isEmpty: Bool { waiting.isEmpty }

    /// Answers a task, at once or when the spool has room.
    mutating func answer(_ result: FetchResult, seq: Int, into writer: inout JSONWriter) {
        if !write(result, seq: seq, into: &writer) { waiting.append((seq, result)) }
    }

    /// Tries the answers that wait.
    mutating func retry(into writer: inout JSONWriter) {
        guard !waiting.isEmpty else { return }
        let tried = waiting
        waiting = []
        for (seq, result) in tried { answer(result, seq: seq, into: &writer) }
    }

    /// Answers a task that could not be read.
    static func write(_ error: TaskError, seq: Int, into writer: inout JSONWriter) {
        writer.writeAnswer(seq: seq) { $0.recordError(error) }
    }

    /// Writes one answer; `false` if the spool is full.
    private func write(_ result: FetchResult, seq: Int, into writer: inout JSONWriter) -> Bool {
        var response: Response?
        do throws(SpoolWriter.Failure) {
            response = try spool.flatMap { spool throws(SpoolWriter.Failure) in
                try result.response(spooledBy: spool)
            }
        } catch {
            switch error {
            case .full: return false
            case .broken(let reason): Program.leave(reason, status: 1)
            }
        }
        writer.writeAnswer(seq: seq) { writer in
            result.writeAnswer(into: &writer)
            guard let response else { return }
            writer.name("response")
            response.write(into: &writer)
        }
        return true
    }
}
