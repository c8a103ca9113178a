// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import Platform
import PoolWire

/// A reader of inputs that hold the records of earlier runs.
///
/// The last record of each task becomes a task again if its outcome is chosen.
///
/// Two records are of the same task if they have the same id and the same URL. The id alone is not enough:
/// the id of a task can be its line number, and two lists can have the same line numbers.
///
/// A later record also replaces an `invalid` record if both are in the same input and have the same id, even
/// if their URLs differ: the user has probably corrected the invalid line.
///
/// All inputs are read twice, because only the end of the last input shows which records are the last ones.
/// The rules of `Journal` decide whether a line is a record; a byte order mark may precede the record.
struct EarlierRecords {
    /// The length of the longest record that is read, in bytes.
    static let maxRecordBytes = Journal.maxRecordBytes

    private let choice: RecordChoice
    private let defaultScheme: TargetURL.Scheme?
    /// The ids of all records, each with the value 1.
    private var ids = TaskTable()
    /// The line number of each task's last record; missing if this record is the first record with its id.
    ///
    /// Lines are counted over all inputs.
    private var last = KeyTable()
    /// The line number of an id's last record in an input that has an invalid record with this id.
    ///
    /// Lines are counted over all inputs.
    private var corrected = KeyTable()
    /// The number of the input that is being read, from 1; 0 before the first input.
    private var source = 0
    /// The number of the line that was read last, over all inputs.
    private var number = 0
    /// The number of each input's last line at the first reading, counted over all inputs.
    private var ends: [Int] = []
    /// True for each input with a record that was written without `--values text`.
    ///
    /// All values stay false unless `choice.holdsTexts` is true.
    private var holdsValues: [Bool] = []

    /// Creates a reader for a choice of records; a URL without a scheme gets `defaultScheme`, if there is
    /// one.
    init(_ choice: RecordChoice, defaultScheme: TargetURL.Scheme?) {
        (self.choice, self.defaultScheme) = (choice, defaultScheme)
    }

    /// Reads all records of the inputs, and returns the inputs for the second reading.
    ///
    /// - Throws: `RunError.io` if an input cannot be opened, read or copied, or holds a line that is neither
    ///   a record nor torn (`Journal.isTorn`).
    mutating func read(_ sources: [InputThread.Source]) throws(RunError) -> [InputThread.Source] {
        var again: [InputThread.Source] = []
        for source in sources {
            var source = source
            if let failure = source.openLate() { throw failure }
            again.append(try source.rewindable())
        }
        for source in again {
            let start = lseek(source.descriptor, 0, SEEK_CUR)
            beginInput()
            holdsValues.append(false)
            try read(source)
            ends.append(number)
            lseek(source.descriptor, start, SEEK_SET)
        }
        (number, source) = (0, 0)
        return again
    }

    /// Begins the next input.
    mutating func beginInput() {
        source += 1
        // `number` is set, because at the second reading the previous input can have more lines than at the
        // first: the run can append records to that input.
        number = source > 1 ? ends[source - 2] : 0
    }

    private mutating func read(_ source: InputThread.Source) throws(RunError) {
        var framer = LineFramer(maxLineBytes: Self.maxRecordBytes)
        var reader = InputReader(source.descriptor)
        let before = number
        while true {
            let reading = reader.fill(&framer)
            while let line = framer.next() { try take(line, framer, source, before) }
            if reading == .end, let line = framer.finish() { try take(line, framer, source, before) }
            if case .failed(let reason) = reading { throw .io("cannot read \(source.name): \(reason)") }
            if reading == .end { return }
        }
    }

    /// Returns the range of a record in its line: the whole line without a leading byte order mark.
    private static func record(in line: Span<UInt8>) -> Range<Int> {
        let hasMark = line.count >= 3 && line[0] == 0xEF && line[1] == 0xBB && line[2] == 0xBF
        return (hasMark ? 3 : 0)..<line.count
    }

    private mutating func take(
        _ line: LineFramer.Line,
        _ framer: borrowing LineFramer,
        _ source: InputThread.Source,
        _ before: Int
    ) throws(RunError) {
        number += 1
        if case .whole(let range) = line {
            let line = framer.bytes.span.extracting(range)
            let text = line.extracting(Self.record(in: line))
            if let head = RecordHead(reading: text) {
                note(head)
                noteForm(head, text)
                return
            }
            // A killed run can leave an incomplete line.
            if Journal.isTorn(text) { return }
        }
        throw .io(
            "cannot read \(source.name): line \(number - before) is not a record; name an output of fetchpool, or leave out --input-format records"
        )
    }

    private mutating func note(_ head: RecordHead) {
        let invalid = hash(ofInvalid: head)
        if ids.set(1, for: head.key) != nil {
            last.set(UInt64(number), for: Self.hash(of: head))
            if corrected[invalid] != nil { corrected.set(UInt64(number), for: invalid) }
        }
        if head.entry.outcome == .invalid { corrected.set(UInt64(number), for: invalid) }
    }

    /// Notes in `holdsValues` if this record, whose bytes are `line`, was written without `--values text`.
    ///
    /// With `--values text`, each id is a string, and `meta` and `result` are strings that hold JSON.
    private mutating func noteForm(_ head: RecordHead, _ line: Span<UInt8>) {
        guard choice.holdsTexts, !holdsValues[source - 1] else { return }
        holdsValues[source - 1] = !head.hasTextID || Self.hasValue(line)
    }

    /// Returns true if the record has a `meta` or `result` that is not a string with JSON in it.
    private static func hasValue(_ line: Span<UInt8>) -> Bool {
        var scanner = JSONScanner()
        guard (try? scanner.enterObject(in: line)) != nil else { return false }
        while let member = try? scanner.nextMember(in: line) {
            if line.isName(member, "meta") || line.isName(member, "result"),
                json(in: member.value, of: line) == nil
            {
                return true
            }
        }
        return false
    }

    /// Returns true if a later record replaces this record, which is in the line `number`.
    private func isReplaced(_ head: RecordHead) -> Bool {
        if let later = last[Self.hash(of: head)], later > UInt64(number) { return true }
        guard head.entry.outcome == .invalid, let later = corrected[hash(ofInvalid: head)] else {
            return false
        }
        return later > UInt64(number)
    }

    private static func hash(of head: RecordHead) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(head.key)
        hasher.combine(head.entry.urlBits)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    private func hash(ofInvalid head: RecordHead) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(head.key)
        hasher.combine(source)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    /// Returns the task of the next line at the second reading.
    ///
    /// The result is `nil` if the line is not a record, or was added after the first reading. It is also
    /// `nil` if a later record replaces the record, or if the record's outcome is not chosen. `ordinal` is
    /// the number of the line, counted over the URLs of the command line and all inputs.
    mutating func task(of line: Span<UInt8>, ordinal: Int) -> InputLine? {
        number += 1
        let line = line.extracting(Self.record(in: line))
        guard number <= ends[source - 1], let head = RecordHead(reading: line), !isReplaced(head),
            choice.outcomes?.contains(head.entry.outcome) ?? true
        else { return nil }
        let object = object(of: line)
        guard object.count <= WireLimits.maxInputLineBytes else { return .tooLong(ordinal: ordinal) }
        return .read(object: object, ordinal: ordinal, defaultScheme: defaultScheme, isOfRecord: true)
    }

    /// Notes a line that is too long to be a record.
    mutating func skipLine() { number += 1 }

    /// Returns the task object of a record: the members `url`, `id`, `method` and `meta`.
    private func object(of line: Span<UInt8>) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        var scanner = JSONScanner()
        guard (try? scanner.enterObject(in: line)) != nil else { return [] }
        let kept: [StaticString] = ["url", "id", "method", "meta"]
        while let member = try? scanner.nextMember(in: line) {
            guard let name = kept.first(where: { line.isName(member, $0) }) else { continue }
            writer.name(name)
            if choice.holdsTexts, !holdsValues[source - 1], line.isName(member, "meta"),
                let text = Self.json(in: member.value, of: line)
            {
                writer.raw(text)
            } else {
                writer.raw(line.extracting(member.value.range))
            }
        }
        writer.endObject()
        return writer.take()
    }

    /// Returns the JSON text that a string holds; `nil` if the value is not a string, or holds no valid JSON.
    private static func json(in value: JSONValue, of line: Span<UInt8>) -> [UInt8]? {
        guard value.kind == .string, let text = line.text(of: value),
            (try? JSONScanner.document(in: text.span, range: text.indices)) != nil
        else { return nil }
        return text
    }
}

extension InputThread.Source {
    /// Returns this source if it is a regular file; otherwise closes it, and returns a temporary copy.
    ///
    /// The copy is in the folder `TMPDIR`, or in `/tmp` if the variable is missing or empty.
    ///
    /// - Throws: `RunError.io` if this source cannot be read, or the copy cannot be written.
    fileprivate func rewindable() throws(RunError) -> InputThread.Source {
        if lseek(descriptor, 0, SEEK_CUR) >= 0, OpenFolder.status(of: descriptor)?.isRegularFile == true {
            return self
        }
        let folder = SystemPath.variable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        let copy = TemporaryFile.open(in: folder)
        guard copy >= 0 else { throw .io("cannot copy \(name) to '\(folder)': \(lastSystemError())") }
        var piece = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe readOnce(descriptor, into: $0) }
            guard count >= 0 else { throw .io("cannot read \(name): \(lastSystemError())") }
            if count == 0 { break }
            guard writeAll(piece.span.extracting(0..<count), to: copy, wrote: { _ in }) else {
                throw .io("cannot copy \(name) to '\(folder)': \(lastSystemError())")
            }
        }
        close()
        lseek(copy, 0, SEEK_SET)
        return InputThread.Source(name: name, descriptor: copy)
    }
}
