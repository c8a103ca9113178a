// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire
import ProcessPool

/// A simulated process with its pipes and its exit.
///
/// `program` decides what the process does; this class simulates the kernel.
final class FakeProcess: WorkerLink {
    /// A task that was sent to the process and that the process has neither finished nor returned.
    struct Sent {
        let seq: Int
        let line: Int
        let isProcessing: Bool
    }

    let pid: Int32
    let nature: Nature
    let isFetcher: Bool
    unowned let world: RunWorld
    private(set) var program: FakeProgram?
    private(set) var input: Int32
    private(set) var output: Int32
    private(set) var receivedBytes = 0
    private(set) var errors: Int32
    private(set) var pidfd: Int32
    private(set) var exit: WorkerExit?
    /// True if the process has got SIGKILL and does not end (`Nature.outlivesSIGKILL`).
    private(set) var isStuck = false
    private(set) var isReaped = false
    private(set) var isReleased = false
    /// The tasks that the process has neither finished nor returned, oldest first.
    private(set) var unfinished: [Sent] = []
    /// The resident memory, in KiB.
    var residentKB = 10_000

    private var framer = LineFramer(maxLineBytes: WireLimits.maxWorkerLineBytes)
    private var unread: [(message: CoordinatorMessage, text: [UInt8], line: Int)] = []
    private var unreadBytes = 0
    private var isArriving = false
    private var written: [UInt8] = []
    /// True once the process has written a line that shows that its command can start.
    private(set) var hasShownLife = false
    private var read = 0
    private var words: [UInt8] = []
    private(set) var hasClosedOutput = false
    private var pipesAreHeld = false

    /// The capacity of a pipe, in bytes (pipe(7)).
    private static let pipeBytes = 65_536

    init(pid: Int32, _ nature: Nature, isFetcher: Bool, in world: RunWorld) {
        (self.pid, self.nature, self.isFetcher, self.world) = (pid, nature, isFetcher, world)
        (input, output, errors) = (pid * 4, pid * 4 + 1, pid * 4 + 2)
        pidfd = nature.hasPidfd ? pid * 4 + 3 : -1
        program = isFetcher ? FakeFetcher(self) : FakeProcessor(self)
        if nature.boot == .fails {
            later(nature.bootTime) { $0.fail() }
        } else if nature.boot != .hangs {
            later(nature.bootTime) { $0.program?.boot() }
        }
    }

    /// True if the process has ended, or is stuck (`isStuck`).
    var isDead: Bool { hasEnded || isStuck }
    private var hasEnded: Bool { exit != nil }

    /// Schedules an action; the action is skipped if the process is dead at the scheduled time.
    func later(_ nanoseconds: Int, _ happens: @escaping (FakeProcess) -> Void) {
        world.later(nanoseconds) { [unowned self] in
            if !self.isDead { happens(self) }
        }
    }

    private func fail() {
        say("cannot start")
        die(WorkerExit(status: 1))
    }

    // MARK: Coordinator's side

    func send(_ bytes: Span<UInt8>, from start: Int) -> Int {
        if hasEnded, !pipesAreHeld {
            // Nothing arrives, but the coordinator counts the task as sent.
            note(bytes.array(start..<bytes.count))
            closeInput()
            return 0
        }
        let count = min(bytes.count - start, Self.pipeBytes - unreadBytes)
        guard count > 0 else { return 0 }
        note(bytes.array(start..<start + count))
        unreadBytes += count
        arrive()
        return count
    }

    private func note(_ bytes: [UInt8]) {
        framer.append(bytes)
        while case .whole(let range)? = framer.next() {
            let line = Array(framer.bytes[range])
            guard let message = try? CoordinatorMessage.read(line.span) else {
                world.fail("the coordinator sends '\(String(decoding: line, as: UTF8.self))'")
            }
            var index = -1
            world.ledger.told(message, line, to: self)
            if case .task(let sent) = message {
                let isProcessing = sent.response != nil
                index = world.ledger.sent(sent, in: line, to: self)
                unfinished.append(Sent(seq: sent.seq, line: index, isProcessing: isProcessing))
                if isDead { world.ledger.sentToTheDead(self) }
            }
            if world.isTold { world.tell("→ \(name): \(String(decoding: line.prefix(420), as: UTF8.self))") }
            unread.append((message, line, index))
        }
    }

    private func arrive() {
        guard !isArriving else { return }
        isArriving = true
        later(8_000) { process in
            process.isArriving = false
            process.takeInput()
        }
    }

    /// Passes all unread input to the program, if the program reads now.
    func takeInput() {
        guard !isDead, let program, program.reads else { return }
        let lines = unread
        (unread, unreadBytes) = ([], 0)
        world.isStirred = true
        for (message, text, line) in lines where !isDead { program.receive(message, text, line) }
        if input < 0, !isDead { program.inputEnded() }
    }

    var unreadInput: Int { unreadBytes }

    func readOutput(into framer: inout LineFramer) -> ReadResult {
        world.takeTime()
        guard read < written.count else {
            return hasClosedOutput || hasEnded && !pipesAreHeld ? .end : .nothing
        }
        // The coordinator reads the output of a dead process for at most 100 ms, so the pieces of this output
        // are larger.
        let end = min(written.count, read + (isDead ? max(nature.pieces, 16 << 10) : nature.pieces))
        framer.append(Array(written[read..<end]))
        receivedBytes += end - read
        read = end
        guard read == written.count else { return .full }
        (written, read) = ([], 0)
        return .some
    }

    func readErrors() -> [UInt8]? {
        guard words.isEmpty else {
            defer { words = [] }
            return words
        }
        return hasEnded && !pipesAreHeld ? nil : []
    }

    func signalGroup(_ number: Int32) {
        if nature.grandchild == .inGroup, pipesAreHeld { letGoOfPipes() }
        guard !isDead else { return }
        if world.isTold { world.tell("\(name) gets signal \(number)") }
        if number == SIGKILL {
            return nature.outlivesSIGKILL ? standStill() : die(WorkerExit(signal: SIGKILL))
        }
        guard !nature.isStubborn else { return }
        later(nature.timeToDie) { $0.die(WorkerExit(signal: number)) }
    }

    func exitStatus() -> WorkerExit? { isReaped || pidfd >= 0 ? exit : nil }

    func release() {
        world.require(isReaped && !isReleased, "\(name) is released before it is reaped, or twice")
        isReleased = true
    }

    func abandon() {
        world.require(!isReleased, "\(name) is abandoned after its release")
        isReleased = true
    }

    func memory() -> (residentKB: Int?, peakKB: Int?) { isDead ? (nil, nil) : (residentKB, residentKB) }

    func closeInput() {
        guard input >= 0 else { return }
        input = -1
        arrive()
    }

    func closeOutput() { output = -1 }
    func closeErrors() { errors = -1 }

    func closeAll() {
        closeInput()
        (output, errors, pidfd) = (-1, -1, -1)
    }

    /// Returns true if poll(2) would report an event for `descriptor`, which belongs to this process.
    func isReady(_ descriptor: Int32) -> Bool {
        switch descriptor % 4 {
        case 0: hasEnded || unreadBytes < Self.pipeBytes
        case 1: read < written.count || hasClosedOutput || hasEnded && !pipesAreHeld
        case 2: !words.isEmpty || hasEnded && !pipesAreHeld
        default: hasEnded
        }
    }

    // MARK: Program's side

    /// Writes bytes to standard output, unless the process has closed it.
    func write(_ bytes: [UInt8]) {
        guard !hasClosedOutput else { return }
        if world.isTold {
            world.tell("← \(name): \(String(decoding: bytes.prefix(420), as: UTF8.self).dropLast())")
        }
        written += bytes
        world.isStirred = true
    }

    /// Records that a task was finished or returned, unless the process has closed its output.
    func finished(_ seq: Int) {
        guard !hasClosedOutput else { return }
        unfinished.removeAll { $0.seq == seq }
        showsLife()
    }

    /// Records that the process has written a line that shows that its command can start.
    ///
    /// Does nothing if the process has closed its output.
    func showsLife() {
        guard !hasShownLife, !hasClosedOutput else { return }
        hasShownLife = true
        world.cameUp(self)
    }

    /// Writes a line to standard error.
    func say(_ text: String) {
        words += Array((text + "\n").utf8)
        world.isStirred = true
    }

    func closeOutputEarly() {
        hasClosedOutput = true
        world.isStirred = true
    }

    func die(_ exit: WorkerExit) {
        guard self.exit == nil else { return }
        if world.isTold { world.tell("\(name) dies: \(exit)") }
        self.exit = exit
        world.isStirred = true
        world.ledger.died(self)
        pipesAreHeld = nature.grandchild != .none
        if case .elsewhere(let nanoseconds) = nature.grandchild {
            world.later(nanoseconds) { [unowned self] in self.letGoOfPipes() }
        }
        world.later(nature.reapedAfter) { [unowned self] in
            self.isReaped = true
            self.world.isWoken = true
        }
    }

    private func standStill() {
        isStuck = true
        world.ledger.died(self)
    }

    private func letGoOfPipes() {
        pipesAreHeld = false
        world.isStirred = true
    }

    var name: String { "\(isFetcher ? "fetcher" : "processor") \(pid)" }
}
