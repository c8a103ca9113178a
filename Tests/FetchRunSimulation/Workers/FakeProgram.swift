// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import ProcessPool
import SimulationSupport

/// What every worker in miniature does: greets, beats, makes noise, leaves.
class FakeProgram {
    unowned let process: FakeProcess
    var random: SeededGenerator
    /// Whether it reads its input.
    var isBooted = false
    /// Whether it works.
    var isReady = false
    var isFrozen = false
    var isLeaving = false
    /// True once it has said `bye` out of turn: it begins nothing in silence any more.
    private(set) var hasSaidBye = false

    init(_ process: FakeProcess) {
        self.process = process
        random = process.world.makeGenerator()
        if process.nature.isNoisy { process.later(random.pick(0...40_000_000)) { $0.program?.makeNoise() } }
    }

    var world: RunWorld { process.world }
    var nature: Nature { process.nature }

    // MARK: What kinds of workers do in their own ways

    /// Whether it reads its input now.
    var reads: Bool { isBooted }
    /// Takes in a message, of a task that the line of input gave rise to.
    func receive(_ message: CoordinatorMessage, _ text: [UInt8], _ line: Int) {}
    /// Begins what it can.
    func beginWork() {}
    /// Whether nothing is left to do.
    var isIdle: Bool { true }
    /// True if it may say `bye`, which promises that nothing that may not be repeated was begun in silence.
    var mayPromise: Bool { true }
    /// Comes before each beat but those that only say that the spool is full.
    func beatIsDue() {}
    /// What it says of itself.
    var hello: Hello { Hello() }
    var beat: Beat { Beat() }

    // MARK: What all do

    func boot() {
        guard nature.boot == .good else { return write { $0.writeHello(Hello(version: 2)) } }
        isBooted = true
        // `init` comes before anything that it says.
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

    /// The end of its input, with `drain` or without.
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

    /// Says something that nobody asked for, now and again.
    func makeNoise() {
        process.later(random.pick(1_000...80_000_000)) { $0.program?.makeNoise() }
        // Until its hello a worker of many is taken for one of few.
        guard isBooted || !process.isFetcher else { return }
        let seq = world.ledger.foreignNumber(to: process, &random)
        let lines = [
            #"{"t":"start","seq":\#(seq)}"#, #"{"t":"returned","seq":\#(seq)}"#,
            #"{"seq":\#(seq),"result":1}"#,
            #"{"t":"start","seq":1}"#, #"{"seq":1,"result":"\u00e9"}"#, #"{"t":"news","of":[{}]}"#, "stray",
            "",
            // From one that has said nothing it would mean that it is no worker.
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
