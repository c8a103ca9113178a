// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

// A record, piece by piece. The coordinator and the filters write records through these functions. The pieces stand in the
// order in which the functions are declared; each may be left out. `RecordSink.writeUsual` in `FetchRun` lays out the most
// frequent record a second time, in one go; a test compares both.

extension JSONWriter {
    /// Opens a record: version, id, URL as it was given, outcome, status.
    ///
    /// `id` and `url` are JSON values; an empty `url` is left out.
    package mutating func beginRecord(id: Span<UInt8>, url: Span<UInt8>, outcome: Outcome, status: Int?) {
        beginRecord(id: id, url: url)
        recordOutcome(outcome, status: status)
    }

    /// Writes how the task ended, and the final status where one came.
    package mutating func recordOutcome(_ outcome: Outcome, status: Int?) {
        let word = outcome.word
        separate()
        verbatim(#""outcome":""#)
        verbatim(word)
        verbatim("\"")
        guard let status else { return }
        verbatim(#","status":"#)
        digits(of: status)
    }

    /// Opens a record whose members from `outcome` on are there already.
    package mutating func beginRecord(id: Span<UInt8>, url: Span<UInt8>) {
        separate()
        verbatim(#"{"v":1,"id":"#)
        verbatim(id)
        guard !url.isEmpty else { return }
        verbatim(#","url":"#)
        verbatim(url)
    }

    /// Opens a record whose id is the number of its line.
    package mutating func beginRecord(line: Int, url: Span<UInt8>) {
        separate()
        verbatim(#"{"v":1,"id":"#)
        digits(of: line)
        guard !url.isEmpty else { return }
        verbatim(#","url":"#)
        verbatim(url)
    }

    /// Writes what the fetch worker knows, as it wrote it, with the time that processing took put into `timing`.
    ///
    /// `timing` lies in `line`, inside `fields`; both come from an `Answer`.
    package mutating func recordFields(
        _ fields: Range<Int>,
        timing: Range<Int>?,
        in line: Span<UInt8>,
        processMicroseconds: Int? = nil
    ) {
        guard let processMicroseconds else { return raw(line.extracting(fields)) }
        guard let timing else {
            raw(line.extracting(fields))
            name("timing")
            beginObject()
            name("process_ms")
            milliseconds(fromMicroseconds: processMicroseconds)
            endObject()
            return
        }
        let brace = timing.upperBound - 1
        var end = brace
        // Blanks before the brace would hide from the writer whether a comma is due.
        while [0x20, 0x09, 0x0D].contains(line[end - 1]) { end -= 1 }
        raw(line.extracting(fields.lowerBound..<end))
        name("process_ms")
        milliseconds(fromMicroseconds: processMicroseconds)
        endObject()
        verbatim(line.extracting(brace + 1..<fields.upperBound))
    }

    /// Writes when the answer came, or when it was known that none would.
    package mutating func recordFetchedAt(_ time: RecordTime) {
        separate()
        verbatim(#""fetched_at":"#)
        verbatim(time.text.span)
    }

    /// Writes how many fetches were begun.
    package mutating func recordAttempt(_ attempt: Int) {
        separate()
        verbatim(#""attempt":"#)
        digits(of: attempt)
    }

    /// Writes who fetched.
    package mutating func recordWorker(id: Int, pid: Int) {
        separate()
        verbatim(#""worker":{"id":"#)
        digits(of: id)
        verbatim(#","pid":"#)
        digits(of: pid)
        verbatim("}")
    }

    /// Writes who processed.
    package mutating func recordProcessor(name processor: String, id: Int, pid: Int) {
        name("processor")
        beginObject()
        name("name")
        string(processor)
        name("id")
        integer(id)
        name("pid")
        integer(pid)
        endObject()
    }

    /// Writes why the task did not end `ok`; a worker says too whether its request was sent.
    package mutating func recordError(_ error: TaskError, wasSent: Bool = true) {
        self.error(
            class: error.errorClass.rawValue,
            message: error.message,
            retryable: error.isRetryable,
            wasSent: wasSent
        )
    }

    /// Writes what the processor made of the response, a JSON value.
    package mutating func recordResult(_ result: Span<UInt8>) {
        name("result")
        raw(result)
    }

    /// Writes the user's `meta` as it came, if there is one, and ends the record and its line.
    package mutating func endRecord(meta: Span<UInt8>?) {
        if let meta {
            name("meta")
            raw(meta)
        }
        endObjectAndLine()
    }
}
