// SPDX-License-Identifier: MIT
// fetchpool

import FetchRun
import PoolWire
import SimulationSupport

/// The simulated output.
///
/// The output checks records at once, but counts them as written only later, after a time that depends on the
/// scenario.
final class FakeOutput: RecordOutput {
    unowned let world: RunWorld
    private let limit: Int
    private var waiting: [[UInt8]] = []
    private var waitingBytes = 0
    private var isStarted = false
    private var isFinishing = false
    private(set) var writtenBytes = 0
    private(set) var failure: RunError?
    /// The time before which nothing is written, in nanoseconds.
    private var blockedUntil = 0
    /// The time that one write takes, in nanoseconds.
    private let pace: Int
    private var isWriting = false

    init(in world: RunWorld, _ random: inout SeededGenerator) {
        self.world = world
        limit = random.pick([2_000, 20_000, 4 << 20])
        pace = world.scenario.output == .slow ? random.pick(100_000...20_000_000) : 5_000
        let start = random.pick(0...40) * 1_000_000
        switch world.scenario.output {
        case .blocked: world.later(start) { [unowned self] in self.block() }
        case .breaks:
            world.later(start) { [unowned self] in self.fail(.io("no space left"), .brokenOutput) }
        case .readerLeaves:
            world.later(start) { [unowned self] in self.fail(.readerLeft, .readerLeft) }
        case .flows, .slow: break
        }
    }

    private func fail(_ error: RunError, _ event: RunTally.Event) {
        failure = error
        world.isWoken = true
        world.tally.note(event)
    }

    private func block() {
        world.tell("the output is blocked for a minute")
        world.tally.note(.blockedOutput)
        blockedUntil = world.real + 60_000_000_000
    }

    func start() {
        world.require(!isStarted, "the output is started twice")
        isStarted = true
    }

    var isFull: Bool { waitingBytes >= limit }

    func write(_ lines: [UInt8]) {
        world.require(
            isStarted && !isFinishing,
            "records are written before the start of the output, or after its end"
        )
        world.require(lines.last == 0x0A, "the last record is incomplete")
        waiting.append(lines)
        waitingBytes += lines.count
        world.ledger.take(lines)
        writeNext()
    }

    private func writeNext() {
        guard !isWriting, !waiting.isEmpty else { return }
        isWriting = true
        world.later(max(blockedUntil - world.real, pace)) { [unowned self] in
            self.isWriting = false
            guard self.world.real >= self.blockedUntil else { return self.writeNext() }
            let lines = self.waiting.removeFirst()
            self.waitingBytes -= lines.count
            if self.failure == nil { self.writtenBytes += lines.count }
            self.world.isWoken = true
            self.writeNext()
        }
    }

    func finish(orUntil givesUp: () -> Bool) -> Bool {
        isFinishing = true
        (waiting, waitingBytes) = ([], 0)
        return true
    }
}
