// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import Platform
import PoolWire

/// Records of earlier runs as input: a task for the last record of each id.
///
/// All inputs are read twice, because only the end of the last input shows which records are the last ones.
/// A journal has the same rules for what is a record.
struct EarlierRecords {
    /// The length of the longest record that is read, in bytes.
    static let maxRecordBytes = Journal.maxRecordBytes

    private let choice: RecordChoice
    private let defaultScheme: TargetURL.Scheme?
    /// The number of the line with the last record of each id, over all inputs.
    private var last = TaskTable()
    /// The number of the line that was read last, over all inputs.
    private var number = 0
    /// The number of lines at the first reading.
    private var lines = 0

    /// Creates the choice of records; a URL without a scheme gets `defaultScheme`, if there is one.
    init(_ choice: RecordChoice, defaultScheme: TargetURL.Scheme?) {
        (self.choice, self.defaultScheme) = (choice, defaultScheme)
    }

    /// Reads all records of the inputs, and returns inputs that can be read again.
    ///
    /// - Throws: `RunError.io` if an input cannot be opened, read or copied, or holds a line that is no record.
    mutating func read(_ sources: [InputThread.Source]) throws(RunError) -> [InputThread.Source] {
        var again: [InputThread.Source] = []
        for source in sources {
            var source = source
            if let failure = source.openLate() { throw failure }
            again.append(try source.rewindable())
        }
        for source in again {
            let start = lseek(source.descriptor, 0, SEEK_CUR)
            try read(source)
            lseek(source.descriptor, start, SEEK_SET)
        }
        (lines, number) = (number, 0)
        return again
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

    /// Returns the range of a record in its line: all but a byte order mark, which some programs put at the
    /// start of a file.
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
                last.set(UInt64(number), for: head.key)
                return
            }
            // The last line of a run that was killed may be incomplete.
            if Journal.isTorn(text) { return }
        }
        throw .io(
            "cannot read \(source.name): line \(number - before) is no record; name an output of fetchpool, or leave out --input-format records"
        )
    }

    /// Returns the task of the next line; `nil` if the line is not the last record of its id, or if its outcome
    /// is not chosen.
    ///
    /// `ordinal` is the number of the line over all inputs.
    mutating func task(of line: Span<UInt8>, ordinal: Int) -> InputLine? {
        number += 1
        let line = line.extracting(Self.record(in: line))
        // An input may have grown since the first reading.
        guard number <= lines, let head = RecordHead(reading: line), last[head.key] == UInt64(number),
            choice.outcomes?.contains(head.entry.outcome) ?? true
        else { return nil }
        let object = object(of: line)
        guard object.count <= WireLimits.maxInputLineBytes else { return .tooLong(ordinal: ordinal) }
        return .read(object: object, ordinal: ordinal, defaultScheme: defaultScheme, isOfRecord: true)
    }

    /// Notes a line that is too long to be a record.
    mutating func skipLine() { number += 1 }

    /// Returns the task object of a record: the members `url`, `id` and `meta`.
    private func object(of line: Span<UInt8>) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        var scanner = JSONScanner()
        guard (try? scanner.enterObject(in: line)) != nil else { return [] }
        let kept: [StaticString] = ["url", "id", "method", "meta"]
        while let member = try? scanner.nextMember(in: line) {
            guard let name = kept.first(where: { line.isName(member, $0) }) else { continue }
            writer.name(name)
            if choice.holdsTexts, line.isName(member, "meta"),
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

    /// Returns the JSON that a string of a record holds as text; `nil` if the value is none.
    private static func json(in value: JSONValue, of line: Span<UInt8>) -> [UInt8]? {
        guard value.kind == .string, let text = line.text(of: value),
            (try? JSONScanner.document(in: text.span, range: text.indices)) != nil
        else { return nil }
        return text
    }
}

extension InputThread.Source {
    /// Returns a source that can be read twice: a copy in a temporary file, unless this one is a regular file.
    ///
    /// - Throws: `RunError.io` if this source cannot be read, or the copy cannot be written.
    fileprivate func rewindable() throws(RunError) -> InputThread.Source {
        if lseek(descriptor, 0, SEEK_CUR) >= 0, OpenFolder.status(of: descriptor)?.isRegularFile == true {
            return self
        }
        let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
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
