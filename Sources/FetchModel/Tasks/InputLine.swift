// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

/// One line of a user's input, parsed.
package enum InputLine: Sendable {
    /// A blank line or a comment.
    case blank
    /// A task.
    case task(InputTask)
    /// A line that is not a valid task.
    case refused(RefusedTask)

    /// Parses a line: a URL, a task object, blanks only, or a comment that begins with `#`.
    ///
    /// `ordinal` is the number of the line over all inputs, from 1. This number becomes the id of a task that
    /// has no id. A URL that lacks only a scheme gets `defaultScheme`, if there is one.
    package static func read(
        _ line: Span<UInt8>,
        ordinal: Int,
        defaultScheme: TargetURL.Scheme? = nil
    ) -> InputLine {
        let text = trimmed(line)
        let content = line.extracting(text)
        guard !content.isEmpty else { return .blank }
        if content[0] == UInt8(ascii: "#") { return comment(content, ordinal) }
        if let plain = PlainURL(reading: content) {
            return .task(InputTask(plain, in: content, ordinal: ordinal))
        }
        switch UTF16Line(of: line) {
        case .blank: return .blank
        case .text:
            return .refused(
                RefusedTask(
                    ordinal: ordinal,
                    error: TaskError(.url, "line \(ordinal): \(UTF16Line.advice)"),
                    isIDHidden: true
                )
            )
        case nil: break
        }
        let isObject = content[0] == UInt8(ascii: "{")
        if let fault = UTF8Check.firstFault(in: content) {
            let error = notUTF8(at: text.lowerBound + fault + 1, isObject: isObject, ordinal: ordinal)
            return .refused(RefusedTask(ordinal: ordinal, error: error, isIDHidden: isObject))
        }
        if isObject { return read(line: content.array(0..<content.count), ordinal, defaultScheme) }
        if let advice = adviceAboutLineEnds(in: content) {
            return refusal(advice, ordinal)
        }
        let task = read(object: PlainTask.object(of: content), ordinal: ordinal, defaultScheme: defaultScheme)
        // A URL with a tab is refused, because a browser would drop the tab and join the columns of a row.
        guard case .task = task, content.indices.contains(where: { content[$0] == 0x09 }) else { return task }
        return refusal(tabAdvice, ordinal)
    }

    /// Returns the refusal of a line that is no task object, with the reason `advice`.
    private static func refusal(_ advice: String, _ ordinal: Int) -> InputLine {
        .refused(RefusedTask(ordinal: ordinal, error: TaskError(.url, "line \(ordinal): \(advice)")))
    }

    /// Returns `.blank` for a comment, or the refusal of a list that begins with a comment and has zero bytes
    /// in place of line feeds.
    private static func comment(_ text: Span<UInt8>, _ ordinal: Int) -> InputLine {
        guard text.indices.contains(where: { text[$0] == 0 }), UTF16Line(of: text) == nil else {
            return .blank
        }
        return refusal(zeroAdvice, ordinal)
    }

    /// Parses a line that is a task object.
    private static func read(
        line object: [UInt8],
        _ ordinal: Int,
        _ defaultScheme: TargetURL.Scheme?
    ) -> InputLine {
        let line = read(object: object, ordinal: ordinal, defaultScheme: defaultScheme)
        // JSON does not allow zero bytes, so the zero bytes in this object are the fault.
        guard case .refused(var refused) = line, object.contains(0) else { return line }
        refused.error = TaskError(.json, "line \(ordinal): \(zeroAdvice)")
        return .refused(refused)
    }

    /// Returns the advice for a bare URL with zero bytes or carriage returns, which end the lines of some
    /// lists; `nil` for any other URL.
    ///
    /// A browser would join the lines into one URL: it drops carriage returns, and percent-encodes zero
    /// bytes.
    private static func adviceAboutLineEnds(in text: Span<UInt8>) -> String? {
        var hasReturn = false
        for index in text.indices {
            if text[index] == 0 { return zeroAdvice }
            if text[index] == 0x0D { hasReturn = true }
        }
        return hasReturn ? returnAdvice : nil
    }

    private static let tabAdvice =
        "the URL contains a tab; remove the tab and the text after it, write the tab as %09, or give --input-format tsv if the line is a row of a table with a header"
    private static let returnAdvice =
        #"the text holds carriage returns without line feeds; convert the file with tr '\r' '\n'"#
    /// The advice for a list with a zero byte after each task, as `jq --raw-output0` writes it.
    static let zeroAdvice =
        #"the text holds zero bytes in place of line feeds; convert the file with tr '\0' '\n'"#

    private static func notUTF8(at byte: Int, isObject: Bool, ordinal: Int) -> TaskError {
        let advice = "if the file is Latin-1, convert it with iconv -f ISO-8859-1 -t UTF-8"
        if isObject {
            return TaskError(.json, "line \(ordinal): not valid UTF-8 at byte \(byte); \(advice)")
        }
        let remedy = "percent-encode its bytes, or \(advice)"
        return TaskError(.url, "line \(ordinal): the URL is not valid UTF-8 at byte \(byte); \(remedy)")
    }

    /// Returns the refusal of a parent coordinator's line that could not be read; the message contains no
    /// line number.
    package static func unreadable(_ reason: String, ordinal: Int) -> InputLine {
        let error = TaskError(.json, "the task cannot be read: \(reason)")
        return .refused(RefusedTask(ordinal: ordinal, error: error))
    }

    /// Returns the refusal of a line that was longer than `WireLimits.maxInputLineBytes`.
    package static func tooLong(ordinal: Int) -> InputLine {
        let limit = WireLimits.maxInputLineBytes >> 20
        let error = TaskError(.lineTooLong, "line \(ordinal): longer than \(limit) MiB")
        return .refused(RefusedTask(ordinal: ordinal, error: error, isIDHidden: true))
    }

    /// Parses one task object.
    ///
    /// If `isOfRecord` is true, the object was made from a record of an earlier run. A record with a method
    /// does not hold the whole request, and is refused.
    package static func read(
        object: [UInt8],
        ordinal: Int,
        defaultScheme: TargetURL.Scheme? = nil,
        isOfRecord: Bool = false
    ) -> InputLine {
        if let task = InputTask(plainObject: object, ordinal: ordinal) { return .task(task) }
        var reader = TaskReader(defaultScheme: defaultScheme, isOfRecord: isOfRecord)
        do throws(TaskError) {
            try reader.read(object.span)
            // Some programs also end lines at CR, U+0085, U+2028 and U+2029, so these are replaced.
            if reader.breaksLines { return readOnOneLine(object, ordinal: ordinal, reader) }
            if reader.hasNulls {
                return read(
                    object: TaskMembers.withoutNulls(object.span),
                    ordinal: ordinal,
                    defaultScheme: defaultScheme,
                    isOfRecord: isOfRecord
                )
            }
            guard let url = reader.url else { throw TaskError(.json, "the task has no \"url\"") }
            let task = try reader.task()
            if let rewritten = reader.rewritten(object.span) {
                return read(object: rewritten, ordinal: ordinal)
            }
            return .task(
                InputTask(
                    ordinal: ordinal,
                    object: object,
                    url: url.range,
                    host: task.url.hostKey,
                    id: reader.id?.range,
                    meta: reader.meta?.range,
                    isIdempotent: task.isIdempotent,
                    method: task.recordedMethod,
                    timeout: task.timeout
                )
            )
        } catch {
            if reader.breaksLines { return readOnOneLine(object, ordinal: ordinal, reader) }
            return .refused(RefusedTask(ordinal: ordinal, object: object.span, reader: reader, error: error))
        }
    }

    /// Parses a copy of a task object that has no characters at which some programs end a line.
    ///
    /// A space replaces each carriage return. An escape, which is longer, replaces each U+0085, U+2028 and
    /// U+2029. If the object becomes longer, it must be within the limit for input lines.
    private static func readOnOneLine(
        _ object: [UInt8],
        ordinal: Int,
        _ reader: TaskReader
    ) -> InputLine {
        let copy = SingleLine.copy(of: object.span)
        let limit = WireLimits.maxInputLineBytes
        guard copy.count <= max(limit, object.count) else {
            let advice = "write its U+0085, U+2028 and U+2029 as spaces or line feeds (\\n)"
            let message = "line \(ordinal): longer than \(limit >> 20) MiB on one line; \(advice)"
            let error = TaskError(.lineTooLong, message)
            return .refused(RefusedTask(ordinal: ordinal, error: error, isIDHidden: true))
        }
        return read(
            object: copy,
            ordinal: ordinal,
            defaultScheme: reader.defaultScheme,
            isOfRecord: reader.isOfRecord
        )
    }

    /// Returns the range of a line's text, without a leading byte order mark and surrounding blanks.
    private static func trimmed(_ line: Span<UInt8>) -> Range<Int> {
        var range = 0..<line.count
        // Some editors put a byte order mark (RFC 3629 §6) at the start of a file.
        if line.count >= 3, line[0] == 0xEF, line[1] == 0xBB, line[2] == 0xBF { range = 3..<line.count }
        while let first = range.first, isBlank(line[first]) { range = first + 1..<range.upperBound }
        while let last = range.last, isBlank(line[last]) { range = range.lowerBound..<last }
        return range
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}

/// A task that was read from an input: its object on one line, and the ranges of the members that its record
/// copies.
package struct InputTask: Sendable {
    /// The number of the line over all inputs, from 1; in a child coordinator, the number of the received
    /// task.
    package var ordinal: Int
    /// The task object, which can differ from the text of the input.
    package var object: [UInt8]
    /// The range of the URL in `object`, including the quotes.
    package var url: Range<Int>
    /// The host of the URL.
    package var host: HostKey
    /// The range of the user's id; `nil` if the ordinal is the id.
    package var id: Range<Int>?
    /// The range of the user's `meta`; `nil` if there is none.
    package var meta: Range<Int>?
    /// True if the request may be repeated.
    package var isIdempotent: Bool
    /// The member `method` of the record; `nil` for a GET without header fields and body.
    package var method: FetchTask.Method?
    /// The time limit of the task; `nil` if the limit of the run applies.
    package var timeout: Duration?
}

extension InputTask {
    /// Creates the task of a bare URL; `content` is the URL.
    init(_ plain: PlainURL, in content: Span<UInt8>, ordinal: Int) {
        self.init(plain, in: content, object: PlainTask.object(of: content), ordinal: ordinal)
    }

    /// Creates the task of an object that contains only a plain URL, in the form of `PlainTask`; `nil` for
    /// any other object.
    init?(plainObject object: [UInt8], ordinal: Int) {
        guard let inside = PlainTask.url(in: object.span) else { return nil }
        let url = object.span.extracting(inside)
        guard let plain = PlainURL(reading: url) else { return nil }
        self.init(plain, in: url, object: object, ordinal: ordinal)
    }

    private init(_ plain: PlainURL, in url: Span<UInt8>, object: [UInt8], ordinal: Int) {
        self.init(
            ordinal: ordinal,
            object: object,
            // The range includes the quotes and excludes the brace.
            url: PlainTask.prefix.utf8CodeUnitCount - 1..<object.count - 1,
            host: plain.hostKey(in: url),
            isIdempotent: true
        )
    }
}

extension JSONWriter {
    /// Begins the record of a task: writes all members before `outcome`.
    package mutating func beginRecord(of task: InputTask) {
        let object = task.object.span
        let url = object.extracting(task.url)
        if let id = task.id {
            beginRecord(id: object.extracting(id), url: url)
        } else {
            beginRecord(line: task.ordinal, url: url)
        }
        recordMethod(task.method)
    }

    /// Ends the record of a task.
    package mutating func endRecord(of task: InputTask) {
        if let meta = task.meta {
            endRecord(meta: task.object.span.extracting(meta))
        } else {
            endRecord(meta: nil)
        }
    }
}
