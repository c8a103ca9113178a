// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

// WatchingARun.md describes the members of the lines about progress and workers.

extension LogEntry {
    /// Creates the line about the progress of a run.
    init(_ progress: RunProgress) {
        var writer = JSONWriter()
        writer.name("done")
        writer.integer(progress.done)
        if case .total(let total) = progress.extent {
            writer.name("total")
            writer.integer(total)
        }
        if let share = progress.share {
            writer.name("share")
            writer.seconds(fromMilliseconds: Int(share * 1_000))
        }
        writer.name("ok")
        writer.integer(progress.done - progress.failures)
        writer.name("failed")
        writer.integer(progress.failures)
        if let leading = progress.leading {
            writer.name("leading_error")
            writer.string(leading.name)
        }
        writer.name("body_bytes")
        writer.integer(progress.bytes)
        writer.number("records_per_second", progress.rate)
        writer.number("bytes_per_second", progress.bytesPerSecond)
        writer.number("seconds_left", progress.secondsLeft)
        writer.number("seconds", Double(progress.elapsed) / 1e9)
        writer.number("idle_seconds", Double(progress.idle) / 1e9)
        if let limit = progress.limit {
            writer.name("waiting_for")
            writer.string(limit.kind.rawValue)
            if let host = limit.host {
                writer.name("host")
                writer.string(host)
            }
        }
        self.init(kind: .progress, text: "fetchpool: \(progress.line)", members: writer.bytes)
    }

    /// Creates the line about a worker with the text `line`.
    init(_ worker: WorkerStatus, _ line: String) {
        var writer = JSONWriter()
        writer.name("role")
        writer.string(worker.role)
        writer.name("worker")
        writer.integer(worker.number)
        writer.name("pid")
        writer.integer(worker.pid)
        writer.name("ready")
        writer.bool(worker.isReady)
        writer.name("in_flight")
        writer.integer(worker.inFlight)
        writer.name("done")
        writer.integer(worker.done)
        writer.name("restarts")
        writer.integer(worker.restarts)
        if let memoryKB = worker.memoryKB {
            writer.name("memory_bytes")
            writer.integer(memoryKB << 10)
        }
        if let task = worker.task {
            writer.name("task")
            writer.string(SafeText.printable(task))
            writer.number("task_seconds", Double(worker.taskTime) / 1e9)
        }
        self.init(kind: .worker, text: "  \(line)", members: writer.bytes)
    }
}

extension JSONWriter {
    /// Writes a member with up to three decimals; writes nothing for `nil`, NaN and infinity.
    fileprivate mutating func number(_ name: StaticString, _ value: Double?) {
        guard let value, value.isFinite else { return }
        self.name(name)
        seconds(fromMilliseconds: Int(min(value, 1e12) * 1_000))
    }
}
