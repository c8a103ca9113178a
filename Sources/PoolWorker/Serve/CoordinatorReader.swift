// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

/// A reader of the coordinator's messages.
///
/// The reader reads messages while the worker works on tasks, and handles `recall` and `cancel` immediately.
///
/// One thread at a time uses the reader: the main thread for the first line, then the reading thread.
///
/// Bounds of the unsafe code here: `read` fills the memory that the framer provides; `poll` gets the number
/// of its entries.
struct CoordinatorReader {
    private let name: String
    private let descriptors: ProtocolDescriptors
    private let state: WorkerState
    private var framer = LineFramer(maxLineBytes: WireLimits.maxWorkerLineBytes)
    /// The tasks that are not yet passed on to `state`; their ranges count from the start of `block`.
    private var tasks: [CoordinatorMessage.Assignment] = []
    /// The range of the lines of `tasks` in the framer's bytes.
    private var block = 0..<0
    private var isDraining = false
    /// True if the input is a file (`ManualUse`), whose end stands for `drain`.
    private let readsFile: Bool
    private var hasRead = false
    private var hasEnded = false
    private var nextBeat = MonotonicClock.milliseconds() + Self.beatMilliseconds

    /// The interval between two beats; the protocol allows one each second.
    private static let beatMilliseconds = 1_000
    /// The most bytes of one read.
    private static let readBytes = 256 << 10
    /// The most bytes of lines that are stored in one array.
    ///
    /// A longer line gets an array of its own.
    private static let blockBytes = 64 << 10
    /// The size in bytes above which an unused buffer is not kept.
    private static let keptBytes = 1 << 20

    /// Creates a reader for the program `name`.
    init(name: String, descriptors: ProtocolDescriptors, state: WorkerState) {
        self.name = name
        self.descriptors = descriptors
        self.state = state
        readsFile = ManualUse.readsFile(descriptors.input)
    }

    /// Reads the first line and returns its settings, a JSON object; `{}` if it has none.
    ///
    /// Ends the process if the line is not an `init` of this version, or if the input ends or fails within
    /// the line. The last line of a file may lack its line feed. If the input is a terminal, or gives no byte
    /// at all, the process prints how to run the worker, and ends.
    ///
    /// The bytes after the line stay in the pipe. If the worker ends before its `hello`, the coordinator sees
    /// that the first task is unread, and does not blame this task.
    mutating func readInit(isProcessor: Bool) -> [UInt8] {
        let name = name
        if isatty(descriptors.input) == 1 { ManualUse.explain(name, isProcessor: isProcessor) }
        while true {
            if let line = framer.next() {
                guard case .whole(let line) = line else { stop("the first line is too long") }
                guard case .initialize(let version, let config, _) = firstMessage(in: line) else {
                    stop("the first line must be of type init")
                }
                guard version == WireLimits.version else {
                    stop(
                        "this worker speaks version \(WireLimits.version) of the protocol, "
                            + "but the coordinator speaks version \(version)"
                    )
                }
                return config.map {
                    framer.bytes.span.array(line.lowerBound + $0.lowerBound..<line.lowerBound + $0.upperBound)
                }
                    ?? Array("{}".utf8)
            }
            fill(atMost: 1) { hasRead in
                if !hasRead { ManualUse.explain(name, isProcessor: isProcessor) }
                WorkerProcessSetup.leaveWithGroup()
            }
        }
    }

    /// Waits until the worker has sent `hello`, then reads until the process ends.
    mutating func run() -> Never {
        while !state.waitForHello() { leaveIfAlone() }
        while true {
            if waitForInput() {
                fill(atMost: Self.readBytes) { _ in WorkerProcessSetup.leaveWithGroup(after: errno) }
            }
            takeLines()
        }
    }

    // MARK: Lines

    private mutating func takeLines() {
        while !isDraining, let line = framer.next() {
            switch line {
            case .whole(let range): take(range)
            case .tooLong(let range):
                refuse(range, "the line is longer than \(framer.maxLineBytes >> 20) MiB")
            }
        }
        if hasEnded, !isDraining { drain() }
        handOver()
        // A long line leaves a large buffer, which is not kept for the short lines that follow.
        if framer.isBetweenLines, framer.bytes.count > Self.keptBytes {
            framer = LineFramer(maxLineBytes: WireLimits.maxWorkerLineBytes)
        }
    }

    private func firstMessage(in line: Range<Int>) -> CoordinatorMessage {
        do throws(JSONSyntaxError) {
            return try message(in: line)
        } catch {
            stop("a line on standard input is not a message of the protocol: \(error.description)")
        }
    }

    private func message(in line: Range<Int>) throws(JSONSyntaxError) -> CoordinatorMessage {
        try CoordinatorMessage.read(framer.bytes.span.extracting(line))
    }

    /// Queues a failure for the task of a line that cannot be read.
    ///
    /// If the task's number is unknown, the function ends the process, because otherwise the coordinator
    /// would wait for a result that never comes.
    private mutating func refuse(_ line: Range<Int>, _ reason: String) {
        guard let seq = CoordinatorMessage.numberOfUnreadableTask(framer.bytes.span.extracting(line)) else {
            stop("a line on standard input is not a message of the protocol: \(reason)")
        }
        handOver()
        state.add([.unreadable(reason, seq: seq)])
    }

    private mutating func take(_ line: Range<Int>) {
        let message: CoordinatorMessage
        do throws(JSONSyntaxError) {
            message = try self.message(in: line)
        } catch {
            return refuse(line, error.description)
        }
        switch message {
        case .task(let assignment):
            if tasks.isEmpty || line.upperBound - block.lowerBound > Self.blockBytes {
                handOver()
                block = line
            }
            block = block.lowerBound..<line.upperBound
            tasks.append(assignment.moved(by: line.lowerBound - block.lowerBound))
        case .recall(let max):
            // The recall may return all tasks that came before it, so these tasks must be in the queue.
            handOver()
            state.giveBack(upTo: max)
        case .cancel(let seq):
            handOver()
            state.giveBack(seq: seq)
        case .drain: drain()
        case .initialize, .confirm, .cookies, .unknown: break
        }
    }

    private mutating func drain() {
        handOver()
        isDraining = true
        state.drain()
    }

    private mutating func handOver() {
        guard !tasks.isEmpty else { return }
        let lines = framer.bytes.span.array(block)
        // An array in place of the lazy sequence would cost a second copy of each task.
        state.add(tasks.lazy.map { HeldTask(lines: lines, assignment: $0) })
        tasks.removeAll(keepingCapacity: tasks.count <= 4096)
    }

    // MARK: The kernel

    /// Ends the process if the coordinator is gone; reads nothing.
    private func leaveIfAlone() {
        // The end of the input does not show that the coordinator is gone, because a coordinator closes the
        // input after `drain` too. So only the output is checked.
        var output = pollfd(fd: descriptors.output, events: 0, revents: 0)
        guard unsafe poll(&output, 1, 0) > 0, output.revents & Int16(POLLERR | POLLHUP) != 0 else { return }
        WorkerProcessSetup.leaveWithGroup()
    }

    /// Reads up to `most` bytes once; calls `leave` if the input has ended (`errno` is 0) or cannot be read.
    ///
    /// If the input is non-blocking and has no bytes, the function reads nothing, but waits for bytes for at
    /// most 1 s.
    ///
    /// The argument of `leave` is `true` if bytes were read before. At the end of a file from which bytes
    /// were read, the function sets `hasEnded`, and does not call `leave`.
    private mutating func fill(atMost most: Int, atEnd leave: (_ hasRead: Bool) -> Never) {
        let input = descriptors.input
        let isBetweenLines = framer.isBetweenLines
        let count = unsafe framer.fill(room: most) { room in
            var count: Int
            repeat {
                count = unsafe read(input, room.baseAddress, min(room.count, most))
            } while count < 0 && errno == EINTR
            // Another process may have made the pipe non-blocking, so a lack of data is not the end.
            if count < 0 && errno == EAGAIN { return 0 }
            if count <= 0 {
                if count == 0 { errno = 0 }
                guard count == 0, readsFile, hasRead, !hasEnded else { leave(hasRead) }
                hasEnded = true
                guard !isBetweenLines else { return 0 }
                // The last line of a file may lack its line feed.
                unsafe room[0] = UInt8(ascii: "\n")
                return 1
            }
            hasRead = true
            return count
        }
        if count == 0, !hasEnded { awaitInput() }
    }

    private func awaitInput() {
        var input = pollfd(fd: descriptors.input, events: Int16(POLLIN), revents: 0)
        unsafe poll(&input, 1, Int32(Self.beatMilliseconds))
    }

    /// Writes the lines that are due, then waits until a descriptor is ready or the next beat is due.
    ///
    /// After `drain`, the coordinator closes the input, so only the output shows that the coordinator is
    /// gone. If nobody can read the output any more, poll(2) reports an error for a pipe and a hang-up for a
    /// socket.
    ///
    /// - Returns: `true` if there is input to read, or the input has ended.
    private mutating func waitForInput() -> Bool {
        let waitsForRoom = state.flush()
        var ends = [
            pollfd(fd: isDraining ? -1 : descriptors.input, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptors.output, events: waitsForRoom ? Int16(POLLOUT) : 0, revents: 0),
            pollfd(fd: state.tailTimer, events: Int16(POLLIN), revents: 0),
        ]
        let wait = max(nextBeat - MonotonicClock.milliseconds(), 0)
        let ready = unsafe poll(&ends, nfds_t(ends.count), Int32(wait))
        if ready > 0, ends[1].revents & Int16(POLLERR | POLLHUP) != 0 { WorkerProcessSetup.leaveWithGroup() }
        if ready > 0, ends[1].revents & Int16(POLLNVAL) != 0 {
            WorkerProcessSetup.leaveWithGroup(after: EBADF)
        }
        if ready > 0, ends[2].revents != 0 { state.endTailTimer() }
        if MonotonicClock.milliseconds() >= nextBeat {
            if !readsFile { state.beat() }
            nextBeat = MonotonicClock.milliseconds() + Self.beatMilliseconds
        }
        return ready > 0 && ends[0].revents != 0
    }

    private func stop(_ reason: String) -> Never {
        standardErrorSays(name, reason)
        _exit(1)
    }
}
