// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

// Functions that write the parts of a record, for the coordinator and for workers that run as filters. A
// record starts with `beginRecord` and ends with `endRecord`. `RecordSink.writeFast` in `FetchRun` writes the
// most frequent record in one step. A test checks that `writeFast` and these functions write the same bytes.

extension JSONWriter {
    /// Begins a record with version, id, URL, outcome, and the final status if there is one.
    ///
    /// `id` and `url` are JSON values; an empty `url` is omitted.
    package mutating func beginRecord(id: Span<UInt8>, url: Span<UInt8>, outcome: Outcome, status: Int?) {
        beginRecord(id: id, url: url)
        recordOutcome(outcome, status: status)
    }

    /// Writes the outcome of the task and the final status, if there is one.
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

    /// Begins a record with version, id and URL only.
    ///
    /// `id` and `url` are JSON values; an empty `url` is omitted.
    package mutating func beginRecord(id: Span<UInt8>, url: Span<UInt8>) {
        separate()
        verbatim(#"{"v":1,"id":"#)
        verbatim(id)
        guard !url.isEmpty else { return }
        verbatim(#","url":"#)
        verbatim(url)
    }

    /// Begins a record with version, line number as id, and URL only.
    ///
    /// `url` is a JSON value; an empty `url` is omitted.
    package mutating func beginRecord(line: Int, url: Span<UInt8>) {
        separate()
        verbatim(#"{"v":1,"id":"#)
        digits(of: line)
        guard !url.isEmpty else { return }
        verbatim(#","url":"#)
        verbatim(url)
    }

    /// Writes the method of the task's request; writes nothing for `nil`.
    ///
    /// `nil` stands for a GET without header fields and body.
    package mutating func recordMethod(_ method: FetchTask.Method?) {
        guard let method else { return }
        separate()
        verbatim(#""method":""#)
        verbatim(method.word)
        verbatim("\"")
    }

    /// Writes the members that a fetch worker sent in `fields`, and adds the processing time if it is given.
    ///
    /// `fields` and `timing` are ranges in `line`, the fetch worker's result. The object `timing` lies inside
    /// `fields` and gets the processing time. If `timing` is `nil`, a new object is written for the
    /// processing time.
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
        // Blanks before the brace are omitted: after a blank, the writer would write a comma even if `timing`
        // has no members.
        while [0x20, 0x09, 0x0D].contains(line[end - 1]) { end -= 1 }
        raw(line.extracting(fields.lowerBound..<end))
        name("process_ms")
        milliseconds(fromMicroseconds: processMicroseconds)
        endObject()
        verbatim(line.extracting(brace + 1..<fields.upperBound))
    }

    /// Writes the time of the response, or the time of the failure if no response came.
    package mutating func recordFetchedAt(_ time: RecordTime) {
        separate()
        verbatim(#""fetched_at":"#)
        verbatim(time.text.span)
    }

    /// Writes the number of fetches that have begun for the task.
    ///
    /// Fetches after which the run waited for its unreachable proxy do not count.
    package mutating func recordAttempt(_ attempt: Int) {
        separate()
        verbatim(#""attempt":"#)
        digits(of: attempt)
    }

    /// Writes the number and process id of the fetch worker, and the label of its machine if there is one.
    package mutating func recordWorker(id: Int, pid: Int, host: String? = nil) {
        separate()
        verbatim(#""worker":{"id":"#)
        digits(of: id)
        verbatim(#","pid":"#)
        digits(of: pid)
        if let host {
            verbatim(#","host":"#)
            string(host)
        }
        verbatim("}")
    }

    /// Writes the processor's name, and the number and process id of its worker.
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

    /// Writes the error of the task; `wasSent` is false if the server has certainly not processed a request.
    package mutating func recordError(_ error: TaskError, wasSent: Bool = true) {
        self.error(
            class: error.errorClass.rawValue,
            message: error.message,
            retryable: error.isRetryable,
            wasSent: wasSent
        )
    }

    /// Writes the processor's result, a JSON value.
    package mutating func recordResult(_ result: Span<UInt8>) {
        name("result")
        raw(result)
    }

    /// Writes the user's `meta` unchanged, unless it is `nil`, and ends the record and its line.
    package mutating func endRecord(meta: Span<UInt8>?) {
        if let meta {
            name("meta")
            raw(meta)
        }
        endObjectAndLine()
    }
}
