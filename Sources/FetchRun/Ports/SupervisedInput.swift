// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Glibc
import Platform
import PoolWire
import ProcessPool

/// A reader of the messages from the parent coordinator.
///
/// The creating thread reads the `init` message, because nothing can begin without that message. A separate
/// thread reads the other messages.
final class SupervisedInput: @unchecked Sendable {
    // Before `start`, only the creating thread uses `framer` and sets `isRemote`. After that, only the
    // reading thread uses `framer`, and `isRemote` does not change. This makes the class safe to share.
    private var framer = LineFramer(maxLineBytes: WireLimits.maxWorkerLineBytes)
    private let descriptor: Int32
    private let whenAbandoned: @Sendable () -> Never
    /// True if the connection can be lost without notice: the parent coordinator then confirms each message
    /// `start` of a task, and sends a `beat` each second.
    private(set) var isRemote = false

    /// Creates a reader of `descriptor`.
    ///
    /// `whenAbandoned` is called if the input ends or fails before `drain`. It is also called if a remote
    /// parent coordinator is silent for too long.
    init(_ descriptor: Int32, whenAbandoned: @escaping @Sendable () -> Never) {
        (self.descriptor, self.whenAbandoned) = (descriptor, whenAbandoned)
    }

    /// Waits for `init` and applies its settings; calls `whenAbandoned` if the input ends or fails first.
    ///
    /// - Throws: `RunError.io` if the first line is not a valid `init` message of the supported version.
    func readInit(into settings: inout FetchSettings) throws(RunError) {
        guard let line = nextLine() else { whenAbandoned() }
        guard case .whole(let range) = line else {
            throw .io("the parent coordinator does not speak the worker protocol: its first line is too long")
        }
        let bytes = Array(framer.bytes[range])
        var version = WireLimits.version
        do throws(JSONSyntaxError) {
            guard
                case .initialize(let spoken, let config, let isRemote) = try CoordinatorMessage.read(
                    bytes.span
                )
            else {
                throw JSONSyntaxError("the first line is not an init message", at: 0)
            }
            (version, self.isRemote) = (spoken, isRemote)
            if version == WireLimits.version, let config { try settings.apply(config, of: bytes.span) }
        } catch {
            throw .io("the parent coordinator does not speak the worker protocol: \(error)")
        }
        guard version == WireLimits.version else {
            throw .io(
                "the parent coordinator speaks version \(version) of the worker protocol, but this program speaks version \(WireLimits.version)"
            )
        }
    }

    /// Starts the thread; it ends after the message `drain`, or after a message that a closed queue refuses.
    ///
    /// If `nextLine` returns `nil` before that, the thread calls `whenAbandoned`.
    func start(into queue: InputQueue, wake: WakePipe) {
        let thread = Thread {
            var ordinal = 0
            while let line = self.nextLine() {
                guard self.take(line, into: queue, &ordinal) else {
                    queue.close()
                    return wake.wake()
                }
                wake.wake()
            }
            self.whenAbandoned()
        }
        thread.name = "input"
        thread.start()
    }

    /// Adds a message to the queue; returns `false` for `drain`, or if the queue is closed.
    ///
    /// A second `init` and unknown messages are ignored.
    private func take(_ line: LineFramer.Line, into queue: InputQueue, _ ordinal: inout Int) -> Bool {
        switch line {
        case .whole(let range): return take(Array(framer.bytes[range]), into: queue, &ordinal)
        case .tooLong(let range):
            let reason = "the line is longer than \(WireLimits.maxWorkerLineBytes >> 20) MiB"
            return refuse(Array(framer.bytes[range]), reason, into: queue, &ordinal)
        }
    }

    private func take(_ line: [UInt8], into queue: InputQueue, _ ordinal: inout Int) -> Bool {
        var batch = InputBatch()
        do throws(JSONSyntaxError) {
            switch try CoordinatorMessage.read(line.span) {
            case .task(let sent):
                ordinal += 1
                let task = InputLine.read(object: Array(line[sent.task]), ordinal: ordinal)
                batch.add(task, reference: sent.seq)
            case .recall(let max): batch.add(.recall, max)
            case .cancel(let seq): batch.add(.cancel, seq)
            case .confirm(let seq): batch.add(.confirm, seq)
            case .cookies(let texts): batch.cookies += texts
            case .drain: return false
            case .initialize, .unknown: return true
            }
        } catch {
            return refuse(line, error.description, into: queue, &ordinal)
        }
        return queue.push(batch)
    }

    /// Adds a refused task to the queue for a line that cannot be read; returns `false` if the queue is
    /// closed.
    ///
    /// If not even the task's number can be read, an error is added in place of the task, and ends the run.
    /// Without the error, the parent coordinator would wait forever for the result.
    private func refuse(
        _ line: [UInt8],
        _ reason: String,
        into queue: InputQueue,
        _ ordinal: inout Int
    ) -> Bool {
        var batch = InputBatch()
        if let seq = CoordinatorMessage.numberOfUnreadableTask(line.span) {
            ordinal += 1
            batch.add(InputLine.unreadable(reason, ordinal: ordinal), reference: seq)
        } else {
            batch.failure = .io("the parent coordinator sent a line that is not a message: \(reason)")
        }
        return queue.push(batch)
    }

    /// Returns the next line; `nil` if the input has ended or cannot be read.
    ///
    /// The result is also `nil` if a remote parent coordinator has been silent for
    /// `WireLimits.coordinatorSilence`.
    private func nextLine() -> LineFramer.Line? {
        while true {
            if let line = framer.next() { return line }
            guard !isRemote || hasInput(within: WireLimits.coordinatorSilence * 1_000) else { return nil }
            guard framer.fill(from: descriptor) == .some else { return nil }
        }
    }

    /// Waits until input arrives or the input ends; returns `false` if neither happens in `milliseconds`.
    private func hasInput(within milliseconds: Int) -> Bool {
        let end = MonotonicClock.milliseconds() + milliseconds
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = end - MonotonicClock.milliseconds()
            if unsafe poll(&entry, 1, Int32(max(left, 0))) > 0 { return true }
            if left <= 0 { return false }
        }
    }
}
