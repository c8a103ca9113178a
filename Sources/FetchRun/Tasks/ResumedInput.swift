// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import PoolWire
import Synchronization

/// The filter that removes the done tasks from the input of a resumed run.
///
/// The input thread owns the filter; `Progress` passes the filter's numbers to the pool thread.
struct ResumedInput {
    /// The numbers of a resumed run, which any thread may read.
    final class Progress: Sendable {
        private let state = Mutex((tally: JournalTally(), passed: 0))

        /// The tally of the journal (`Journal.tally`).
        var tally: JournalTally { state.withLock { $0.tally } }

        /// The number of tasks and refused lines (`RefusedTask`) that were removed because they are done.
        var passed: Int { state.withLock { $0.passed } }

        fileprivate func set(_ tally: JournalTally, passed: Int) {
            state.withLock { $0 = (tally, passed) }
        }
    }

    private var journal: Journal
    private let progress: Progress
    private(set) var passed = 0

    /// Reads the journal, the output file called `name`.
    ///
    /// `idsAreTexts` is true if the run writes each id as a string.
    ///
    /// - Throws: `RunError.io` from `Journal.init`.
    init(
        _ name: String,
        retriesFailures: Bool,
        idsAreTexts: Bool,
        _ progress: Progress
    ) throws(RunError) {
        journal = try Journal(
            reading: name,
            retriesFailures: retriesFailures,
            idsAreTexts: idsAreTexts
        )
        self.progress = progress
        progress.set(journal.tally, passed: 0)
    }

    /// The message for the user about the journal; `nil` if the journal is empty.
    var notice: String? {
        let count = journal.tally.count
        guard count > 0 else { return nil }
        return "resuming; the output has records of \(count) \(count == 1 ? "task" : "tasks")"
    }

    /// Notes that the last task of a batch belongs to another run's part of the input (`--shard`).
    ///
    /// In an earlier run, the line of this task may have been invalid. The part of an invalid line follows
    /// from the number of the line, so the line may have been in this run's part. The record of the invalid
    /// line then no longer counts.
    ///
    /// `isOfRecord` is true if the line is a record of an earlier run.
    mutating func noteOtherPart(lastOf batch: InputBatch, isOfRecord: Bool) {
        let key = batch.lastKey(isText: journal.idsAreTexts)
        noteOwnID(key, ofLine: batch.messages[batch.messages.count - 1].task.ordinal, isOfRecord)
        journal.noteTask(key)
    }

    /// Notes that the task of a line has an id other than the line's number; does nothing for any other task.
    ///
    /// If the line is a record of an earlier run, nothing is noted: the number of such a line has nothing to
    /// do with the id of the task.
    private mutating func noteOwnID(_ key: TaskKey, ofLine line: Int, _ isOfRecord: Bool) {
        if !isOfRecord, key != .number(line) { journal.noteOwnID(ofLine: line) }
    }

    /// Removes the last task or refused line (`RefusedTask`) of a batch, if it is done.
    ///
    /// If the task or line must be done again, the function notes which record its new record replaces.
    /// `isOfRecord` is true if the line is a record of an earlier run.
    ///
    /// - Throws: `RunError.io` if the verdict of the journal is `otherURL` or `textID` (`Journal.Verdict`).
    mutating func filterLast(of batch: inout InputBatch, isOfRecord: Bool) throws(RunError) {
        guard let last = batch.messages.last else { return }
        let key = batch.lastKey(isText: journal.idsAreTexts)
        let line = last.kind == .task ? last.task.ordinal : batch.refused.last?.ordinal ?? 0
        noteOwnID(key, ofLine: line, isOfRecord)
        let verdict =
            if last.kind == .task {
                journal.verdict(on: key, url: batch.hashOfLastURL)
            } else if let refused = batch.refused.last, refused.outcome == .skipped {
                journal.verdict(onRepeat: key, url: TextHash.of(string: refused.url.span))
            } else if let refused = batch.refused.last, refused.isOfRecord, !refused.url.isEmpty {
                journal.verdict(onRecord: key, url: TextHash.of(string: refused.url.span))
            } else {
                journal.verdict(onInvalid: key, isIDHidden: batch.refused.last?.isIDHidden ?? false)
            }
        switch verdict {
        case .due: return
        case .dueAgain(let entry): batch.noteLast(replacing: entry)
        case .done:
            batch.removeLast()
            passed += 1
        case .otherURL: throw conflict(key, batch)
        case .textID:
            throw .io(
                "cannot resume: the records of --output '\(journal.name)' hold line numbers as strings, as written with --values text; resume with --values text, or name another --output"
            )
        }
    }

    private func conflict(_ key: TaskKey, _ batch: InputBatch) -> RunError {
        let (line, id, url) = batch.lastShown
        let found = journal.lastRecord(of: key)
        let shown = url.isEmpty ? "is not a valid task" : "the URL \(url)"
        let here = "line \(line) of the input has the id \(id) and \(shown)"
        // The output file is read again for the message; the file or the record may be gone by now.
        let place = found.map { "line \($0.line) of " } ?? ""
        let other = found.flatMap { $0.url.isEmpty ? nil : "the URL \($0.url)" } ?? "another URL"
        let there = "\(place)--output '\(journal.name)' has \(other) for this id"
        return .io(
            "cannot resume: \(here), but \(there); resume with the same input and options, give each task an id of its own, or name another --output"
        )
    }

    /// Makes the numbers of the resumed run known to other threads.
    func publish() { progress.set(journal.tally, passed: passed) }
}

extension InputBatch {
    /// Returns the key of the id of the last task or refused line; without an id, of the line's number.
    ///
    /// `isText` is true if the records of the journal hold each id as a string.
    fileprivate func lastKey(isText: Bool) -> TaskKey {
        let (last, bytes) = (messages[messages.count - 1], bytes)
        if last.kind == .refused {
            let id = refused[refused.count - 1].id
            return TaskKey(id.span, isText: isText)
        }
        guard !last.task.id.isEmpty else { return .number(last.task.ordinal) }
        return TaskKey(bytes.span.extracting(placeInLast(last.task.id)), isText: isText)
    }

    /// The hash of the last task's URL.
    fileprivate var hashOfLastURL: UInt64 {
        let (last, bytes) = (messages[messages.count - 1], bytes)
        // A bare URL needs no escapes, so a record has the same bytes between the quotes of its URL.
        if last.isBare { return TextHash.of(bytes.span.extracting(textOfLast)) }
        return TextHash.of(string: bytes.span.extracting(placeInLast(last.task.url)))
    }

    /// The number, the id and the URL of the last task or refused line; the URL is empty for an invalid line.
    fileprivate var lastShown: (line: Int, id: String, url: String) {
        let last = messages[messages.count - 1]
        if last.kind == .refused {
            let line = refused[refused.count - 1]
            // The outcome `skipped` stands for a repeated task, which is a valid task.
            let url = line.outcome == .skipped ? Array(line.url.dropFirst().dropLast()) : []
            let texts = [line.id, url].map { String(decoding: $0, as: UTF8.self) }
            return (line.ordinal, texts[0], texts[1])
        }
        let task = last.task
        let id = task.id.isEmpty ? Array(String(task.ordinal).utf8) : Array(bytes[placeInLast(task.id)])
        let url = String(decoding: bytes[urlOfLast], as: UTF8.self)
        return (task.ordinal, String(decoding: id, as: UTF8.self), url)
    }
}
