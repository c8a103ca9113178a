// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import ProcessPool
import SimulationSupport

/// The base class of the simulated workers.
///
/// The common behaviour is `hello`, beats, unexpected lines (noise) and exit.
class FakeProgram {
    unowned let process: FakeProcess
    var random: SeededGenerator
    /// True once the program has started and can read its input.
    var isBooted = false
    /// True once the program has read `init` and may begin tasks.
    var isReady = false
    var isFrozen = false
    var isLeaving = false
    /// True once the program has sent an unexpected `bye`.
    ///
    /// After this `bye`, a fetch worker that never sends `start` begins no task.
    private(set) var hasSaidBye = false

    init(_ process: FakeProcess) {
        self.process = process
        random = process.world.makeGenerator()
        if process.nature.isNoisy { process.later(random.pick(0...40_000_000)) { $0.program?.makeNoise() } }
    }

    var world: RunWorld { process.world }
    var nature: Nature { process.nature }

    // MARK: Behaviour of subclasses

    /// True if the program reads its input now.
    var reads: Bool { isBooted }
    /// Receives a message; `line` is the index of the task's input line, or -1 for a message without a task.
    func receive(_ message: CoordinatorMessage, _ text: [UInt8], _ line: Int) {}
    /// Begins the tasks that can begin.
    func beginWork() {}
    /// True if no task is left.
    var isIdle: Bool { true }
    /// True if the program may send `bye`.
    ///
    /// A `bye` promises that the program has sent `start` for each task in flight that must not be repeated.
    var mayPromise: Bool { true }
    /// Does the work that is due with each regular beat.
    func beatIsDue() {}
    /// The message that the program sends after it has read `init`, unless its nature is to be silent.
    var hello: Hello { Hello() }
    /// The program's next beat.
    var beat: Beat { Beat() }

    // MARK: Common behaviour

    func boot() {
        guard nature.boot == .good else { return write { $0.writeHello(Hello(version: 2)) } }
        isBooted = true
        // The program reads `init` before it sends `hello`.
        process.takeInput()
        isReady = true
        if !nature.isSilent {
            write { $0.writeHello(self.hello) }
            process.showsLife()
        }
        if nature.beats { keepBeating() }
        beginWork()
        leaveIfDone()
    }

    func keepBeating() {
        process.later(1_000_000_000) { process in
            guard let program = process.program, !program.isFrozen else { return }
            program.beatIsDue()
            program.sayBeat()
            program.keepBeating()
        }
    }

    func sayBeat() {
        let beat = beat
        write { $0.writeBeat(beat) }
        process.showsLife()
    }

    func drain() {
        guard !nature.staysAfterDrain else { return }
        isLeaving = true
        leaveIfDone()
    }

    /// Handles the end of the input.
    ///
    /// The program ignores the end if it has read `drain`, or if its nature is to stay after `drain`.
    /// Otherwise, the program dies.
    func inputEnded() {
        guard !isLeaving, !nature.staysAfterDrain else { return }
        process.die(WorkerExit(status: 1))
    }

    func leaveIfDone() {
        guard isReady, isLeaving, isIdle else { return }
        if nature.saysBye { write { $0.writeBye(reason: "drained") } }
        process.later(100_000) { $0.die(WorkerExit()) }
    }

    func write(_ line: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        line(&writer)
        process.write(writer.take())
    }

    func write(text: String) { process.write(Array((text + "\n").utf8)) }

    private static let bye = #"{"t":"bye"}"#

    /// Schedules the next call within 80 ms, and writes an unexpected line.
    ///
    /// A fetch worker that has not started writes nothing.
    func makeNoise() {
        process.later(random.pick(1_000...80_000_000)) { $0.program?.makeNoise() }
        // Before its `hello`, a concurrent worker counts as sequential. If such a worker died after an
        // unexpected line, a task would be blamed earlier than the ledger allows. So a fetch worker writes no
        // unexpected line before it has started.
        guard isBooted || !process.isFetcher else { return }
        let seq = world.ledger.foreignNumber(to: process, &random)
        let lines = [
            #"{"t":"start","seq":\#(seq)}"#, #"{"t":"returned","seq":\#(seq)}"#,
            #"{"seq":\#(seq),"result":1}"#,
            #"{"t":"start","seq":1}"#, #"{"seq":1,"result":"\u00e9"}"#, #"{"t":"news","of":[{}]}"#, "stray",
            "",
            // The run treats the line `drain` as unusable. An echo of the first input line, `init`, would
            // show that the program is no worker.
            isReady ? #"{"t":"drain"}"# : "[", #"{"t":"beat"}"#, #"{"t":"beat","rss_kb":9000}"#,
            random.oneIn(6) && mayPromise ? Self.bye : "{}",
            random.oneIn(6) ? #"{"t":"hello","v":3}"# : #"{"t":"news"}"#,
            random.oneIn(6) ? #"{"seq":1,"fields":[]}"# : "tests: ok",
        ]
        let line = random.pick(lines)
        if line == Self.bye { hasSaidBye = true }
        world.ledger.noise(line, from: process)
        write(text: line)
    }
}
