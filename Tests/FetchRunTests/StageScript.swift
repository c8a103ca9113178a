// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import PoolWire
import Spool

@testable import FetchRun
@testable import ProcessPool

/// The stages of a run without its pools; the test acts as the pools, and sets the clock.
final class StageScript: RunControl {
    /// An output in memory; the test decides whether the output is full.
    final class Output: RecordOutput {
        var bytes: [UInt8] = []
        var isFull = false
        var writtenBytes: Int { bytes.count }
        var failure: RunError? { nil }
        func start() {}
        func write(_ lines: [UInt8]) { bytes += lines }
        func finish(orUntil givesUp: () -> Bool) -> Bool { true }
    }

    /// A spool folder that only records the names of the segments that `remove` gets.
    final class Folder: SpoolFolder {
        let path = "/spool"
        private(set) var removed: [SegmentName] = []
        func remove(_ segment: SegmentName) { removed.append(segment) }
        func makeSpare(of segment: SegmentName, upTo mostBytes: Int) -> Bool { false }
        func removeSpares() {}
        func removeSegments(of worker: Int, unless isKept: (SegmentName) -> Bool) {}
        func read(_ segment: SegmentName, offset: Int, bytes: Int) -> [UInt8]? { nil }
        func removeAll() {}
    }

    let output = Output()
    let folder = Folder()
    private let input: InputQueue
    private let settings: RunSettings
    private let port: any RunPort
    private(set) lazy var context = RunContext(
        settings,
        port,
        RunState(settings, port.form, seed: 1, clock: { 1_007 }),
        spool: settings.processing.map { _ in
            RunSpool(folder, limit: settings.spoolLimit ?? 1 << 20, workers: 1, keepsSpares: false)
        },
        WorkerReport(Console(), isQuiet: true, isVerbose: false),
        self
    )
    private(set) lazy var processing: ProcessStage? = settings.processing.map { _ in
        ProcessStage(context, command, named: "p", crashFolder: nil, Console())
    }
    private(set) lazy var fetching = FetchStage(context, handingTo: processing, [command])
    private let command = WorkerCommand(executable: "worker")

    // MARK: RunControl

    var now = PoolTime(nanoseconds: 0)
    var isEnding = false
    private(set) var failures: [RunError] = []
    private(set) var unstartable: [WorkerExit] = []

    func fail(_ error: RunError) { failures.append(error) }
    func cannotStart(_ command: WorkerCommand, _ exit: WorkerExit) { unstartable.append(exit) }
    func needTurn() {}
    func flush() {
        while context.state.sink.pendingBytes > 0 { output.write(context.state.sink.takeLines()) }
    }

    func takeInput() -> Bool {
        guard let batch = input.pop() else { return false }
        if port.isHeededAtOnce {
            let confirmed = context.state.apply(batch, mayReturn: port.isOpen)
            for reference in confirmed { port.confirm(reference: reference) }
        } else {
            context.state.take(batch)
        }
        return true
    }

    /// Creates stages with input lines.
    ///
    /// If `isUpstream` is true, the lines come from a parent coordinator, with the numbers (`seq`) from 100
    /// on.
    init(_ lines: [String], _ settings: RunSettings = RunSettings(), isUpstream: Bool = false) {
        var settings = settings
        // As in `FetchRun.serve`, a run with a parent coordinator does not own the hosts.
        settings.ownsHosts = !isUpstream
        self.settings = settings
        input = InputQueue.forInput()
        let output = output
        port =
            isUpstream
            ? UpstreamPort(input: input, output: output, concurrency: 1, startReading: {})
            : FilePort(input: input, output: output, startReading: {})
        var batch = InputBatch()
        for (index, line) in lines.enumerated() {
            batch.add(
                InputLine.of(line, ordinal: index + 1),
                reference: isUpstream ? 100 + index : 0
            )
        }
        input.pushWithoutWaiting(batch)
        input.close()
        context.state.mayBegin = true
        if isUpstream { while takeInput() {} }
    }

    // MARK: Acting as the pools

    /// Begins all tasks that may begin, or the first `most` of them; returns the tokens.
    func beginAll(atMost most: Int = .max) -> [Int] {
        context.state.now = now
        context.state.frontier.advance(to: now)
        var tokens: [Int] = []
        while tokens.count < most, let task = fetching.nextTask() { tokens.append(task.token) }
        return tokens
    }

    /// Sends the result of a fetch; `members` are the members after `seq`.
    func finishFetch(_ token: Int, _ members: String) throws {
        let line = Array(#"{"t":"result","seq":9,\#(members)}"#.utf8)
        let task = AcceptedResult(token: token, nanosecondsInHand: 2_000_000, tries: 1)
        fetching.completed(task, try ResultMessage.of(line), in: line.span, by: .sample)
    }

    /// Sends the result of a fetch; the response's body is in segment 1 of the sample worker.
    func finishWithBody(_ token: Int, at offset: Int = 0, bytes: Int = 100) throws {
        let response = Response(
            status: 200,
            url: "http://h/",
            headers: [],
            contentType: nil,
            charset: nil,
            bytes: bytes,
            body: .segment(SegmentName(worker: 7, number: 1), offset: offset)
        )
        var writer = JSONWriter()
        response.write(into: &writer)
        let text = String(decoding: writer.take(), as: UTF8.self)
        try finishFetch(token, #""status":200,"fields":{"redirects":0},"response":\#(text)"#)
    }

    /// Sends the result of processing; `members` are the members after `seq`.
    func finishProcessing(_ token: Int, _ members: String) throws {
        let line = Array(#"{"t":"result","seq":9,\#(members)}"#.utf8)
        let task = AcceptedResult(token: token, nanosecondsInHand: 2_000_000, tries: 1)
        processing?.completed(task, try ResultMessage.of(line), in: line.span, by: .sample)
    }

    /// Writes the waiting lines; returns all lines that were written so far.
    func records() -> [String] {
        flush()
        return output.bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    }
}
