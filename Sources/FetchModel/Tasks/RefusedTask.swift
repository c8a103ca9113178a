// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

/// The data for the record of a line that is not a valid task, or of a repeated task.
package struct RefusedTask: Sendable {
    /// The line's number over all inputs, from 1; in a child coordinator, the number of the received task.
    package var ordinal: Int
    /// The reason for the refusal.
    package var error: TaskError
    /// The id, as JSON; `ordinal` if there is no readable id.
    package var id: [UInt8]
    /// True if the line may hold an id that could not be read; `id` is then `ordinal`.
    package private(set) var isIDHidden = false
    /// True if the line was read as a record of an earlier run; see `TaskReader.isOfRecord`.
    package private(set) var isOfRecord = false
    /// The URL, as a JSON string; empty if no URL could be read.
    package var url: [UInt8] = []
    /// The member `method` of the record, as a JSON string; `nil` if the record has none.
    package var method: [UInt8]?
    /// The user's `meta`, as JSON; `nil` if there is none.
    package var meta: [UInt8]?
    /// The mark (`JournalEntry.mark` in `FetchRun`) of the earlier record that the new record replaces; 0 for
    /// none.
    package var replacedRecord: UInt16 = 0

    /// The outcome of the record: `skipped` for a repeated task, and `invalid` for any other.
    package var outcome: Outcome { error.errorClass == .duplicate ? .skipped : .invalid }

    /// True if the error probably concerns the whole input, and not only this line.
    package var concernsWholeInput: Bool {
        // A search by Characters takes 50 microseconds, and a list can have many invalid lines.
        let message = Array(error.message.utf8)
        return Self.remediesForInputs.contains { remedy in
            message.indices.dropLast(remedy.count - 1).contains { start in
                message[start] == remedy[0] && message[start...].starts(with: remedy)
            }
        }
    }

    /// Parts of the messages about errors that probably concern the whole input.
    private static let remediesForInputs = [
        "--input-format", "--retry-failed", "jq -", "save the table", "iconv -f UTF-16", #"tr '\r' '\n'"#,
        #"tr '\0' '\n'"#,
    ].map { Array($0.utf8) }

    /// Creates the data for a task that is skipped because it repeats the task with the id `first`.
    ///
    /// `id`, `url`, `meta` and `first` are JSON.
    package init(ordinal: Int, id: [UInt8], url: [UInt8], meta: [UInt8]?, repeating first: [UInt8]) {
        let name = String(decoding: first, as: UTF8.self)
        self.init(
            ordinal: ordinal,
            error: TaskError(.duplicate, "the same URL as the task with the id \(name)")
        )
        (self.id, self.url, self.meta) = (id, url, meta)
    }

    init(ordinal: Int, error: TaskError, isIDHidden: Bool = false) {
        self.ordinal = ordinal
        self.error = error
        self.isIDHidden = isIDHidden
        id = Array(String(ordinal).utf8)
    }

    /// Creates the refusal of a task object, with the members that were read before the error.
    init(ordinal: Int, object: Span<UInt8>, reader: TaskReader, error: TaskError) {
        self.init(ordinal: ordinal, error: TaskError(error.errorClass, "line \(ordinal): \(error.message)"))
        method = reader.recordedMethod(in: object)
        if let id = reader.id { self.id = object.array(id.range) }
        (isIDHidden, isOfRecord) = (reader.isIDHidden, reader.isOfRecord)
        if let url = reader.url { setURL(url, in: object) }
        if let meta = reader.meta { self.meta = object.array(meta.range) }
    }

    /// Sets `url` to the URL of the object, without user name and password.
    ///
    /// If a user name or password is removed, the record also gets a method, because the task asks for more
    /// than a GET of the URL in the record.
    private mutating func setURL(_ url: JSONValue, in object: Span<UInt8>) {
        guard let text = object.mendedText(of: url) else { return }
        guard let cleaned = URLSecrets.removed(from: text.span) else {
            self.url = object.array(url.range)
            return
        }
        var writer = JSONWriter()
        writer.string(cleaned.span)
        self.url = writer.take()
        if method == nil { method = Array(#""GET""#.utf8) }
    }
}

extension JSONWriter {
    /// Writes the whole record of a line that is not a valid task, or of a repeated task.
    package mutating func writeRecord(of refused: RefusedTask) {
        beginRecord(id: refused.id.span, url: refused.url.span)
        if let method = refused.method {
            name("method")
            raw(method)
        }
        recordOutcome(refused.outcome, status: nil)
        recordError(refused.error)
        endRecord(meta: refused.meta?.span)
    }
}
