// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Glibc
import Platform
import PoolWire
import ProcessPool

/// A thread that reads the inputs one after another, and adds their lines to the queue in batches.
///
/// The thread waits while the queue is full.
final class InputThread: Sendable {
    private let queue: InputQueue
    private let urls: [String]
    private let sources: [Source]
    private let defaultScheme: TargetURL.Scheme?
    private let columns: TableTasks.Columns
    private let wake: WakePipe
    private let rules: InputSelection.Rules
    private let idsAreTexts: Bool
    private let resume: Resume?
    private let records: RecordChoice?

    /// The output file of earlier runs; tasks that are done according to this file are passed over.
    struct Resume: Sendable {
        let output: String
        let retriesFailures: Bool
        var idsAreTexts = false
        let progress = ResumedInput.Progress()
    }

    /// The meter of the bytes that were read from the sources.
    let meter: InputMeter

    /// Creates a thread that reads `urls` first, then `sources`.
    ///
    /// URLs without a scheme get `defaultScheme`, unless it is `nil`. `rules` choose the tasks. `resume` is
    /// `nil` for a run that begins anew. `records` is `nil` if the sources hold tasks, and not records of
    /// earlier runs. `idsAreTexts` is true if the records of this run hold ids as strings.
    init(
        urls: [String],
        sources: [Source],
        defaultScheme: TargetURL.Scheme? = nil,
        columns: TableTasks.Columns = TableTasks.Columns(),
        choosing rules: InputSelection.Rules = InputSelection.Rules(),
        resuming resume: Resume? = nil,
        records: RecordChoice? = nil,
        idsAreTexts: Bool = false,
        into queue: InputQueue,
        wake: WakePipe
    ) {
        (self.urls, self.sources, self.queue, self.wake) = (urls, sources, queue, wake)
        (self.defaultScheme, self.columns) = (defaultScheme, columns)
        (self.rules, self.resume, self.records) = (rules, resume, records)
        self.idsAreTexts = idsAreTexts
        meter = InputMeter(sources.map(\.descriptor))
    }

    /// Starts the thread, which ends after the last input, after a failure, or once the rules choose no
    /// further task.
    ///
    /// If the queue is closed earlier, the thread ends at its next batch.
    func start() {
        let thread = Thread { self.readAll() }
        thread.name = "input"
        thread.start()
    }

    private func readAll() {
        var position = Position(
            selection: InputSelection(rules),
            advice: InputAdvice(idsAreTexts: idsAreTexts)
        )
        if let resume {
            var batch = InputBatch()
            do throws(RunError) {
                let input = try ResumedInput(
                    resume.output,
                    retriesFailures: resume.retriesFailures,
                    idsAreTexts: resume.idsAreTexts,
                    resume.progress
                )
                batch.notices += input.notice.map { [$0] } ?? []
                position.selection.resumed = input
            } catch {
                batch.failure = error
            }
            guard hand(batch), batch.failure == nil else { return }
        }
        var sources = sources
        if let records {
            var (earlier, batch) = (EarlierRecords(records, defaultScheme: defaultScheme), InputBatch())
            do throws(RunError) { sources = try earlier.read(sources) } catch { batch.failure = error }
            guard hand(batch), batch.failure == nil else { return }
            position.records = earlier
        }
        for url in urls where !position.selection.isOver {
            var batch = InputBatch(bytes: url.systemBytes)
            add(lineAt: 0..<batch.bytes.count, to: &batch, &position)
            position.selection.resumed?.publish()
            guard hand(batch), batch.failure == nil else { return }
        }
        for source in sources where !position.selection.isOver {
            guard read(source, &position) else { break }
        }
        queue.close()
        wake.wake()
    }

    /// The state of the thread between two lines.
    private struct Position {
        /// The number of the last line, counted over the URLs of the command line and all inputs.
        var ordinal = 0
        /// The name of the input that is being read, for messages; empty before the first input.
        var name = ""
        /// The table that is being read; `nil` while no table is read.
        var table: TableTasks?
        /// The records of earlier runs; `nil` if the inputs hold tasks.
        var records: EarlierRecords?
        /// True while an input with records is read; URLs of the command line are not records.
        var readsRecords = false
        var selection: InputSelection
        var advice: InputAdvice
    }

    private func add(lineAt range: Range<Int>, to batch: inout InputBatch, _ position: inout Position) {
        position.ordinal += 1
        let count = batch.messages.count
        if position.readsRecords {
            let task = position.records?.task(
                of: batch.bytes.span.extracting(range),
                ordinal: position.ordinal
            )
            if let task { batch.add(task) }
        } else if position.table == nil {
            batch.add(lineAt: range, ordinal: position.ordinal, defaultScheme: defaultScheme)
        } else {
            addRow(at: range, to: &batch, &position)
        }
        guard batch.messages.count > count else { return }
        if let sentence = position.advice.sentence(onLastOf: batch) {
            batch.notices.append(sentence)
        }
        choose(&batch, &position)
    }

    private func addRow(at range: Range<Int>, to batch: inout InputBatch, _ position: inout Position) {
        do throws(TableTasks.Fault) {
            let line = try position.table?.read(
                batch.bytes.span.extracting(range),
                number: position.ordinal,
                defaultScheme: defaultScheme
            )
            if let line { batch.add(line) }
        } catch {
            batch.failure = .io("cannot read \(position.name): \(error)")
        }
    }

    private func add(_ refused: InputLine, to batch: inout InputBatch, _ position: inout Position) {
        batch.add(refused)
        choose(&batch, &position)
    }

    /// Calls `read` for a part of a line or for the end of a table; if `read` returns a refused row, adds
    /// this row.
    ///
    /// `read` gets the table and the number of the next line, to which a part of a line belongs.
    private func addRest(
        to batch: inout InputBatch,
        _ position: inout Position,
        read: (inout TableTasks, Int) throws(TableTasks.Fault) -> InputLine?
    ) {
        guard var table = position.table else { return }
        do throws(TableTasks.Fault) {
            let refused = try read(&table, position.ordinal + 1)
            position.table = table
            if let refused { add(refused, to: &batch, &position) }
        } catch {
            batch.failure = .io("cannot read \(position.name): \(error)")
        }
    }

    /// Lets `InputSelection.filterLast` remove or replace the last message of a batch.
    private func choose(_ batch: inout InputBatch, _ position: inout Position) {
        guard position.selection.isNeeded, batch.failure == nil else { return }
        do throws(RunError) {
            try position.selection.filterLast(of: &batch, isOfRecord: position.readsRecords)
        } catch {
            batch.removeLast()
            batch.failure = error
        }
    }

    /// Reads one source; returns false after a failure, or if the queue is closed.
    private func read(_ source: Source, _ position: inout Position) -> Bool {
        var source = source
        if let failure = source.openLate() {
            var batch = InputBatch()
            batch.failure = failure
            _ = hand(batch)
            return false
        }
        meter.begin(source.descriptor)
        defer {
            meter.end(source.descriptor)
            source.close()
        }
        position.name = source.name
        position.table = source.table.map { TableTasks($0, columns: columns) }
        position.readsRecords = position.records != nil
        position.records?.beginInput()
        defer { (position.table, position.readsRecords) = (nil, false) }
        let limit =
            position.readsRecords ? EarlierRecords.maxRecordBytes : WireLimits.maxInputLineBytes
        // In a table, a line that is too long is read in parts to its end. Only all parts together show
        // whether a field in quotes goes on in the next line.
        var framer = LineFramer(maxLineBytes: limit, splitsLongLines: position.table != nil)
        var reader = InputReader(source.descriptor)
        let first = position.ordinal
        while true {
            let reading = reader.fill(&framer)
            // After a failure, the incomplete last line is dropped, because it may be a part of a longer URL.
            var batch = takeLines(of: &framer, atEnd: reading == .end, &position)
            batch.position = meter.position(in: source.descriptor)
            batch.passed = position.selection.resumed?.passed ?? 0
            position.selection.resumed?.publish()
            if case .failed(let reason) = reading, batch.failure == nil {
                let count = position.ordinal - first
                let lines = count == 1 ? "1 line was read" : "\(count) lines were read"
                batch.failure = .io("cannot read \(source.name): \(reason); \(lines) before")
            }
            guard hand(batch), batch.failure == nil else { return false }
            if reading != .some || position.selection.isOver { return true }
        }
    }

    /// Returns a batch of the complete lines; at the end of the input, the last line counts as complete.
    private func takeLines(
        of framer: inout LineFramer,
        atEnd: Bool,
        _ position: inout Position
    ) -> InputBatch {
        var lines: [LineFramer.Line] = []
        while let line = framer.next() { lines.append(line) }
        if atEnd, let line = framer.finish() { lines.append(line) }
        var batch = InputBatch()
        let start = lines.first?.range.lowerBound ?? 0
        if let last = lines.last {
            batch = InputBatch(bytes: Array(framer.bytes[start..<last.range.upperBound]))
        }
        batch.reserve(lines.count)
        for line in lines {
            guard batch.failure == nil, !position.selection.isOver else { break }
            switch line {
            case .whole(let range):
                let place = range.lowerBound - start..<range.upperBound - start
                add(lineAt: place, to: &batch, &position)
            case .tooLong where position.readsRecords:
                position.ordinal += 1
                position.records?.skipLine()
            case .tooLong(let range) where position.table != nil:
                let part = framer.bytes.span.extracting(range)
                addRest(to: &batch, &position) { (table, number) throws(TableTasks.Fault) in
                    try table.readPart(part, number: number)
                }
            case .tooLong:
                position.ordinal += 1
                add(.tooLong(ordinal: position.ordinal), to: &batch, &position)
            }
        }
        if atEnd, batch.failure == nil {
            addRest(to: &batch, &position) { (table, _) throws(TableTasks.Fault) in try table.finish() }
        }
        return batch
    }

    private func hand(_ batch: InputBatch) -> Bool {
        guard !batch.isEmpty else { return true }
        guard queue.push(batch) else { return false }
        wake.wake()
        return true
    }
}

extension LineFramer.Line {
    /// The range of the bytes that were kept: the whole line, or a part of a line that is too long.
    fileprivate var range: Range<Int> {
        switch self {
        case .whole(let range), .tooLong(let range): range
        }
    }
}
