// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchRun
import Platform
import PoolWire
import SimulationSupport

/// The simulated input.
///
/// When the run has taken a batch of the scenario's lines from the queue, the input adds the next batch.
final class FakeInput {
    /// The queue, which is full with one batch, so that the input notices when the run takes the batch.
    let queue = InputQueue(limit: 1) { _ in 1 }
    unowned let world: RunWorld
    /// The number of lines that were added to the queue.
    private(set) var handed = 0
    private let batch: Int
    private let pause: Int
    /// The number of all lines; `nil` for an endless input.
    let count: Int?

    init(in world: RunWorld, _ random: inout SeededGenerator) {
        self.world = world
        batch = world.scenario.isCalm ? random.pick(2...12) : random.pick(1...120)
        pause =
            world.scenario.isCalm
            ? random.pick(100...1_500) * 1_000_000
            : world.scenario.input == .slow ? random.pick(100_000...30_000_000) : 20_000
        let lines = world.scenario.lines.count
        count = world.scenario.input == .endless ? nil : lines
    }

    /// True while the input waits for the run to take the batch that was added most recently.
    private var isWaiting = false

    func start() { readOn(after: 10_000) }

    /// Schedules the next batch if the run has taken the previous batch.
    func readNextIfTaken() {
        guard isWaiting, !queue.isFull else { return }
        isWaiting = false
        readOn(after: pause)
    }

    private func readOn(after nanoseconds: Int) {
        world.later(nanoseconds) { [unowned self] in self.read() }
    }

    private func read() {
        guard !queue.isFinished else { return }
        let end = min(handed + batch, count ?? .max)
        var new = InputBatch()
        for index in handed..<end {
            let text = Array(world.plan(index).text(at: index).utf8)
            new.add(InputLine.read(text.span, ordinal: index + 1))
        }
        let breaks = world.scenario.input == .failing && end * 2 > (count ?? 0)
        if breaks {
            world.ledger.inputBroke()
            new.failure = .io("cannot read the input")
        }
        handed = end
        world.ledger.handed(upTo: end)
        queue.pushWithoutWaiting(new)
        world.isWoken = true
        if breaks || end == count { queue.close() } else { isWaiting = true }
    }
}
