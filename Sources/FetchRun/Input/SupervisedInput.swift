// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Glibc
import PoolWire
import ProcessPool

/// Reads the messages of a coordinator above, where this one is its worker.
///
/// `init` is read at once, since nothing can begin without it; the rest on a thread of its own.
final class SupervisedInput: @unchecked Sendable {
    // Used by the thread that makes it, then by the reading thread alone; never by two at once.
    private var framer = LineFramer(maxLineBytes: WireLimits.maxWorkerLineBytes)
    private let descriptor: Int32
    private let whenAbandoned: @Sendable () -> Never

    /// Reads from `descriptor`; `whenAbandoned` is called when it ends before `drain`: the coordinator above is gone.
    init(_ descriptor: Int32, whenAbandoned: @escaping @Sendable () -> Never) {
        (self.descriptor, self.whenAbandoned) = (descriptor, whenAbandoned)
    }

    /// Waits for `init` and applies its settings.
    ///
    /// - Throws: `RunError.io` if the first line is no `init` of the version spoken here.
    func readInit(into settings: inout FetchSettings) throws(RunError) {
        guard let (line, range) = nextLine() else { whenAbandoned() }
        let bytes = Array(line[range])
        var version = WireLimits.version
        do throws(JSONSyntaxError) {
            guard case .initialize(let spoken, let config) = try CoordinatorMessage.read(bytes.span) else {
                throw JSONSyntaxError("the first line is no init", at: 0)
            }
            version = spoken
            if version == WireLimits.version, let config { try settings.apply(config, of: bytes.span) }
        } catch {
            throw .io("the coordinator above does not speak the worker protocol: \(error)")
        }
        guard version == WireLimits.version else {
            throw .io(
                "the coordinator above speaks version \(version) of the worker protocol, this program version \(WireLimits.version)"
            )
        }
    }

    /// Starts the thread; it ends with `drain`.
    func start(into queue: InputQueue, wake: WakePipe) {
        let thread = Thread {
            var ordinal = 0
            while let (line, range) = self.nextLine() {
                guard self.take(Array(line[range]), into: queue, &ordinal) else {
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

    /// Hands a message on; `false` at `drain`.
    private func take(_ line: [UInt8], into queue: InputQueue, _ ordinal: inout Int) -> Bool {
        var batch = InputBatch()
        do throws(JSONSyntaxError) {
            switch try CoordinatorMessage.read(line.span) {
            case .task(let sent):
                ordinal += 1
                let task = InputLine.read(object: Array(line[sent.task]), ordinal: ordinal)
                batch.add(task, upstream: sent.seq)
            case .recall(let max): batch.add(.recall, max)
            case .cancel(let seq): batch.add(.cancel, seq)
            case .drain: return false
            case .initialize, .unknown: return true
            }
        } catch {
            batch.failure = .io("the coordinator above sent what is no message: \(error)")
        }
        return queue.push(batch)
    }

    private func nextLine() -> ([UInt8], Range<Int>)? {
        while true {
            switch framer.next() {
            case .whole(let range): return (framer.bytes, range)
            case .tooLong: return nil
            case nil: break
            }
            var failure: Int32 = 0
            let count = unsafe framer.fill(room: 64 << 10) { room in
                let count = unsafe read(descriptor, room.baseAddress, room.count)
                failure = count < 0 ? errno : 0
                return max(count, 0)
            }
            if count == 0, failure != EINTR { return nil }
        }
    }
}
