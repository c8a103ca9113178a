// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

/// One message for the user on standard error, of one or a few lines.
struct LogEntry: Sendable {
    /// The importance of a message.
    enum Level: String, Sendable {
        case info, warning, error
    }

    /// The kind of a message, by which programs can select messages.
    enum Kind: String, Sendable {
        case note, progress, worker, summary, error
    }

    var level = Level.info
    var kind = Kind.note
    /// The text as a user reads it, with a line feed between two lines.
    var text: String
    /// Further members of the entry's JSON object, as JSON without braces; empty for none.
    var members: [UInt8] = []
    /// The time of the entry, in milliseconds since 1970-01-01T00:00:00Z.
    var time = RecordTime.now()

    /// The name of the program at the beginning of a message; lines in JSON leave it out.
    static let program = "fetchpool: "

    /// Returns the lines in a format, without their line feeds; the JSON format always has one line.
    func lines(_ format: LogFormat) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return format == .text ? lines.map(SafeText.printable) : [json(lines)]
    }

    private func json(_ lines: [String]) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("time")
        writer.raw(RecordTime(milliseconds: time).text)
        writer.name("level")
        writer.string(level.rawValue)
        writer.name("kind")
        writer.string(kind.rawValue)
        writer.name("message")
        let first = lines.first ?? ""
        let message = first.hasPrefix(Self.program) ? String(first.dropFirst(Self.program.count)) : first
        writer.string(SafeText.printable(message.trimmed))
        if lines.count > 1 {
            writer.name("details")
            writer.beginArray()
            for line in lines.dropFirst() { writer.string(SafeText.printable(line.trimmed)) }
            writer.endArray()
        }
        writer.raw(members)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
