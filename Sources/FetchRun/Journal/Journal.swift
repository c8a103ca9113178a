// SPDX-License-Identifier: MIT
// fetchpool

import Decompression
import FetchModel
import Glibc
import Platform
import PoolWire

/// The records of earlier runs in an output file: which tasks are done, and how they ended.
///
/// The last record of a task counts. A task is done unless its last record is `cancelled`; a journal that
/// retries failures counts only `ok`, `skipped` and `invalid` as done.
///
/// An `invalid` record belongs to a line. It does not concern a valid task with the same id, and does not
/// replace the task's record.
struct Journal {
    /// The state of an input line in the journal.
    enum Verdict: Hashable {
        /// The task must be done, or the invalid line needs a record; no record in the journal counts for it.
        case due
        /// The task must be done again; a record in the journal counts until there is a new record.
        ///
        /// The record belongs to the task, or to an invalid line that the task corrects.
        case dueAgain(JournalEntry)
        /// The task is done, or the invalid line has its record.
        case done
        /// The id belongs to another URL in the journal.
        ///
        /// If the line is not a valid task, this case means that the id belongs to a valid task in the
        /// journal.
        case otherURL
        /// The id is a number, and all ids in the journal are strings, among them this number.
        case textID
    }

    /// The name of the output file.
    let name: String
    private let retriesFailures: Bool
    /// True if the run writes each id as a string, and so expects strings in the journal (`--values text`).
    let idsAreTexts: Bool
    /// The last records of valid tasks.
    private var entries = JournalEntries()
    /// The last records of invalid lines.
    private var invalids = InvalidEntries()
    /// True if all records that were read hold their ids as strings.
    private var hasOnlyTexts = true
    /// The counts of the journal's tasks and invalid lines, by the outcome and the error class of their last
    /// records.
    ///
    /// The tally leaves out records that are written after the reading, and corrected records
    /// (`JournalEntry.isCorrected`).
    private(set) var tally = JournalTally()

    /// The length of the longest record that is read, in bytes.
    ///
    /// A file with a longer line is refused. A record of fetchpool has a result of at most 16 MiB, and parts
    /// of an input line of at most 8 MiB.
    static let maxRecordBytes = 64 << 20
    private static let readBytes = 1 << 20

    /// Reads the records in a file, and mends its last line.
    ///
    /// If the last record lacks only its line feed, the line feed is added. Any other incomplete last record
    /// is cut off. An incomplete record inside the file is passed over; a killed run can leave one.
    ///
    /// A missing file is an empty journal.
    ///
    /// - Throws: `RunError.io` if the file cannot be read or changed, is compressed, or holds a line that is
    ///   neither a record nor torn (`isTorn`). With `idsAreTexts`, also if the file holds an id as a number.
    init(reading name: String, retriesFailures: Bool, idsAreTexts: Bool = false) throws(RunError) {
        (self.name, self.retriesFailures, self.idsAreTexts) = (name, retriesFailures, idsAreTexts)
        let file = unsafe open(name.systemPath, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        if file < 0, errno == ENOENT { return }
        guard file >= 0 else { throw Self.refusal(name, errno) }
        defer { close(file) }
        if let format = Compression.format(of: file) {
            throw .io(
                "cannot resume: --output '\(name)' is compressed with \(format.rawValue); unpack it first, or name another file"
            )
        }
        let complete = try read(file)
        if idsAreTexts, !hasOnlyTexts {
            throw .io(
                "cannot resume: records of --output '\(name)' hold their ids as numbers, as written without --values text; resume without --values text, or name another --output"
            )
        }
        if let complete { try mend(file, size: complete) }
    }

    /// Cuts a file to `size` bytes, or adds the missing line feed to a file that already has this size.
    ///
    /// Only this function opens the file for writing, because most files need no change. To add the line
    /// feed, the function opens the file with `O_APPEND`: an append-only file cannot be opened for other
    /// writes.
    private func mend(_ file: Int32, size: Int) throws(RunError) {
        let isComplete = lseek(file, 0, SEEK_END) == size
        let flags = O_WRONLY | (isComplete ? O_APPEND : 0) | O_CLOEXEC | O_NOCTTY
        let writer = unsafe open(name.systemPath, flags)
        defer { if writer >= 0 { close(writer) } }
        var lineEnd: UInt8 = 0x0A
        if writer >= 0 {
            guard let status = OpenFolder.status(of: file),
                OpenFolder.status(of: writer)?.isSame(as: status) == true
            else { throw .io("cannot resume: --output '\(name)' was replaced by another file") }
            if isComplete {
                if unsafe write(writer, &lineEnd, 1) == 1 { return }
            } else if ftruncate(writer, off_t(size)) == 0 {
                return
            }
        }
        throw .io("cannot mend the last line of --output '\(name)': \(lastSystemError())")
    }

    /// Reads all records.
    ///
    /// - Returns: The number of bytes to keep if the last line has no line feed; otherwise `nil`.
    /// - Throws: `RunError.io` if the file cannot be read, or holds a line that is neither a record nor torn.
    private mutating func read(_ file: Int32) throws(RunError) -> Int? {
        var framer = LineFramer(maxLineBytes: Self.maxRecordBytes)
        var (size, number) = (0, 0)
        while true {
            var failure: Int32 = 0
            let count = unsafe framer.fill(room: Self.readBytes) { room in
                let count = unsafe readOnce(file, into: room)
                failure = count < 0 ? errno : 0
                return max(count, 0)
            }
            if failure != 0 { throw Self.refusal(name, failure) }
            if count == 0 { break }
            size += count
            while let line = framer.next() {
                number += 1
                guard case .whole(let range) = line else { throw noRecord(number) }
                try take(framer.bytes.span.extracting(range), number)
            }
        }
        let rest = framer.pendingBytes
        guard rest > 0 else { return nil }
        guard case .whole(let range) = framer.finish() else { throw noRecord(number + 1) }
        let line = framer.bytes.span.extracting(range)
        if let head = RecordHead(readingWhole: line, idsAreTexts: idsAreTexts) {
            take(head)
            return size
        }
        guard Self.isTorn(line) else { throw noRecord(number + 1) }
        return size - rest
    }

    private mutating func take(_ line: Span<UInt8>, _ number: Int) throws(RunError) {
        if let head = RecordHead(reading: line, idsAreTexts: idsAreTexts) { return take(head) }
        guard Self.isTorn(line) else { throw noRecord(number) }
    }

    private mutating func take(_ head: RecordHead) {
        if !head.hasTextID { hasOnlyTexts = false }
        if head.entry.outcome == .invalid {
            if let old = invalids[head.key], !old.isCorrected { tally.remove(old) }
            invalids.set(head.entry, for: head.key)
        } else {
            // A valid task with the id of an invalid line is probably that line after its correction.
            correct(head.key)
            if let old = entries.set(head.entry, for: head.key) { tally.remove(old) }
        }
        tally.add(head.entry)
    }

    /// Returns true if `line` can be the beginning of a record whose end was never written.
    ///
    /// An empty line counts too, and so does a line that begins with a zero byte: after a loss of power, a
    /// part of a file can consist of zeros.
    static func isTorn(_ line: Span<UInt8>) -> Bool {
        if line.isEmpty || line[0] == 0 { return true }
        return line.starts(withPartOf: RecordHead.opening)
    }

    private func noRecord(_ number: Int) -> RunError {
        .io(
            "cannot resume: line \(number) of --output '\(name)' is not a record; name a file that fetchpool has written"
        )
    }

    private static func refusal(_ name: String, _ number: Int32) -> RunError {
        .io("cannot resume: cannot read --output '\(name)': \(systemError(number))")
    }

    // MARK: Tasks of the input

    /// Returns the verdict on a task; `url` is the hash of its URL.
    mutating func verdict(on key: TaskKey, url: UInt64) -> Verdict {
        verdict(on: key, url: url, isDone: isDone)
    }

    /// Returns the verdict on a task that repeats an earlier task of the input; `url` is the hash of its URL.
    ///
    /// A task with a record is done unless its last record is `cancelled`, even if the journal retries
    /// failures.
    mutating func verdict(onRepeat key: TaskKey, url: UInt64) -> Verdict {
        verdict(on: key, url: url) { $0 != .cancelled }
    }

    private mutating func verdict(
        on key: TaskKey,
        url: UInt64,
        isDone: (Outcome) -> Bool
    ) -> Verdict {
        guard let entry = entries[key] else {
            if text(for: key)?.hasOtherURL(than: url) == false { return .textID }
            return replaceInvalid(key)
        }
        if entry.hasOtherURL(than: url) { return .otherURL }
        correct(key)
        if isDone(entry.outcome) { return .done }
        // Only the first occurrence of the task in the input replaces the record.
        guard !entry.isReplaced else { return .due }
        _ = entries.set(entry.replaced, for: key)
        return .dueAgain(entry)
    }

    /// Returns the entry whose id is the integer `key`, written as a string.
    ///
    /// The result is `nil` if there is no such entry, or if not all ids of the journal are strings.
    ///
    /// A run with `--values text` writes line numbers as strings. Without this function, a resumed run that
    /// lacks the option would take these strings for other ids, and do each task again.
    private func text(for key: TaskKey) -> JournalEntry? {
        guard hasOnlyTexts else { return nil }
        let text = key.asText
        return entries[text] ?? invalids[text]
    }

    /// Returns the verdict on a task without a record; the task can be the corrected form of an invalid line.
    private mutating func replaceInvalid(_ key: TaskKey) -> Verdict {
        guard let entry = invalids[key], !entry.isReplaced, !entry.isConfirmed else { return .due }
        invalids.set(entry.replaced, for: key)
        // A corrected record has already been subtracted from the tally.
        return entry.isCorrected ? .due : .dueAgain(entry)
    }

    /// Returns the verdict on a line that is not a valid task.
    ///
    /// If `isIDHidden` is true, the line may hold an id that cannot be read, and `key` is the line's number.
    ///
    /// A line with an `invalid` record is `done`. If all ids in the journal are strings, and an `invalid`
    /// record has the number `key` as a string, the verdict is `textID`. Otherwise, if the id belonged to a
    /// valid task in an earlier run, the verdict is `otherURL`. For a hidden id, the verdict is `due` instead
    /// of `otherURL`, because the valid task can be another line. In all other cases, the verdict is `due`.
    mutating func verdict(onInvalid key: TaskKey, isIDHidden: Bool = false) -> Verdict {
        if let entry = invalids[key] {
            // A task with this id looked like the corrected form of this line, so the line's record did not
            // count any more. But the input still has the line, so that record counts again.
            if !entry.isConfirmed, entry.isCorrected || entry.isReplaced { tally.add(entry) }
            invalids.set(entry.confirmed, for: key)
            return .done
        }
        if text(for: key)?.outcome == .invalid { return .textID }
        return entries[key] == nil || isIDHidden ? .due : .otherURL
    }

    /// Returns the verdict on a record in the input that lacks parts of its request, and so is not a valid
    /// task.
    ///
    /// `url` is the hash of its URL. If the journal has a record of the request, and no `invalid` record with
    /// this id, the function returns the verdict on the request; otherwise the verdict on an invalid line. If
    /// the verdict on the request is `dueAgain`, the new record, which gives the reason for the refusal,
    /// replaces the request's failure in the totals.
    mutating func verdict(onRecord key: TaskKey, url: UInt64) -> Verdict {
        if invalids[key] != nil || entries[key] == nil { return verdict(onInvalid: key) }
        return verdict(on: key, url: url)
    }

    /// Notes that a line of the input has an id other than its number.
    ///
    /// An earlier run can have recorded the line as `invalid`, with its number as the id. That record no
    /// longer counts.
    mutating func noteOwnID(ofLine number: Int) { correct(.number(number)) }

    /// Notes that the input has a valid task with this id, in another run's part of the input (`Shard`).
    mutating func noteTask(_ key: TaskKey) { correct(key) }

    /// Notes that the invalid line with this id, if there is one, was probably corrected.
    ///
    /// Its record no longer counts, unless the input still has the line.
    private mutating func correct(_ key: TaskKey) {
        guard let entry = invalids[key], !entry.isConfirmed, !entry.isCorrected, !entry.isReplaced else {
            return
        }
        tally.remove(entry)
        invalids.set(entry.corrected, for: key)
    }

    private func isDone(_ outcome: Outcome) -> Bool {
        switch outcome {
        case .cancelled: false
        case .ok, .skipped, .invalid: true
        default: !retriesFailures
        }
    }

    /// Returns the URL of a task's last record, and the record's line number in the output file; `nil` if no
    /// such record can be read.
    ///
    /// `invalid` records are passed over, because they belong to input lines and not to tasks. The URL is
    /// empty for a record without a URL.
    func lastRecord(of key: TaskKey) -> (line: Int, url: String)? {
        let file = unsafe open(name.systemPath, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var framer = LineFramer(maxLineBytes: Self.maxRecordBytes)
        var (number, found): (Int, (Int, String)?) = (0, nil)
        while framer.fill(from: file) == .some {
            while let line = framer.next() {
                number += 1
                guard case .whole(let range) = line else { continue }
                let text = framer.bytes.span.extracting(range)
                guard let head = RecordHead(reading: text, idsAreTexts: idsAreTexts), head.key == key,
                    head.entry.outcome != .invalid
                else { continue }
                found = (number, RecordHead.url(of: text))
            }
        }
        return found
    }
}
