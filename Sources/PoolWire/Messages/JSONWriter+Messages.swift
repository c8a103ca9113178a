// SPDX-License-Identifier: MIT
// fetchpool

// The lines of the protocol, both directions, as they are written. Each function writes one whole line.

extension JSONWriter {
    // MARK: Coordinator to worker

    /// Writes the first line to a worker.
    ///
    /// `config` is a JSON object.
    package mutating func writeInit(config: [UInt8]) {
        message("init") { writer in
            writer.name("v")
            writer.integer(WireLimits.version)
            writer.name("config")
            writer.raw(config)
        }
    }

    /// Writes one sending of a task; `task` and `response` are JSON objects.
    ///
    /// `id` is put into a task that is known by a number and does not say it; such a task has other members.
    package mutating func writeTask(
        seq: Int,
        attempt: Int,
        task: Span<UInt8>,
        id: Int? = nil,
        response: Span<UInt8>?
    ) {
        separate()
        verbatim(#"{"t":"task","seq":"#)
        digits(of: seq)
        verbatim(#","attempt":"#)
        digits(of: attempt)
        verbatim(#","task":"#)
        if let id {
            // In front of the closing brace, where the object ends.
            verbatim(task.extracting(droppingLast: 1))
            verbatim(#","id":"#)
            digits(of: id)
            verbatim("}")
        } else {
            verbatim(task)
        }
        if let response {
            verbatim(#","response":"#)
            verbatim(response)
        }
        endObjectAndLine()
    }

    /// Asks for up to `max` tasks that have not begun.
    package mutating func writeRecall(max: Int) {
        message("recall") { writer in
            writer.name("max")
            writer.integer(max)
        }
    }

    /// Asks for one task that has not begun.
    package mutating func writeCancel(seq: Int) {
        message("cancel") { $0.seq(seq) }
    }

    /// Tells the worker to finish and leave.
    package mutating func writeDrain() {
        message("drain") { _ in }
    }

    // MARK: Worker to coordinator

    /// Writes the first line of a worker.
    package mutating func writeHello(_ hello: Hello) {
        message("hello") { writer in
            writer.name("v")
            writer.integer(hello.version)
            if let pid = hello.pid {
                writer.name("pid")
                writer.integer(pid)
            }
            if let name = hello.name {
                writer.name("name")
                writer.string(name)
            }
            writer.name("concurrency")
            writer.integer(hello.concurrency)
            if hello.isSelfLimiting {
                writer.name("self_limiting")
                writer.bool(true)
            }
            guard !hello.processors.isEmpty else { return }
            writer.name("processors")
            writer.beginArray()
            for processor in hello.processors { writer.string(processor) }
            writer.endArray()
        }
    }

    /// Says that work that may not be repeated begins on `seq`.
    package mutating func writeStart(seq: Int) {
        message("start") { $0.seq(seq) }
    }

    /// Writes an answer whose members after `seq` are written by `body`.
    package mutating func writeAnswer(seq: Int, _ body: (inout JSONWriter) -> Void) {
        beginAnswer(seq: seq)
        body(&self)
        endAnswer()
    }

    /// Opens an answer; its members come next, then `endAnswer`.
    package mutating func beginAnswer(seq: Int) {
        separate()
        verbatim(#"{"t":"result","seq":"#)
        digits(of: seq)
    }

    /// Ends an answer and its line.
    package mutating func endAnswer() {
        endObjectAndLine()
    }

    /// Gives back a task that has not begun.
    package mutating func writeReturned(seq: Int) {
        message("returned") { $0.seq(seq) }
    }

    /// Says that the worker lives.
    package mutating func writeBeat(_ beat: Beat) {
        message("beat") { writer in
            if let rssKB = beat.rssKB {
                writer.name("rss_kb")
                writer.integer(rssKB)
            }
            if let hwmKB = beat.hwmKB {
                writer.name("hwm_kb")
                writer.integer(hwmKB)
            }
            if let inFlight = beat.inFlight {
                writer.name("inflight")
                writer.integer(inFlight)
            }
            if let segment = beat.segment {
                writer.name("segment")
                writer.string(segment.description)
            }
            if beat.isSpoolFull {
                writer.name("spool_full")
                writer.bool(true)
            }
            guard let fault = beat.spoolFault else { return }
            writer.name("spool_fault")
            writer.string(fault)
        }
    }

    /// Writes the last line of a clean exit.
    package mutating func writeBye(reason: String) {
        message("bye") { writer in
            writer.name("reason")
            writer.string(reason)
        }
    }

    /// Writes the member `error`; that a request never left is said only if `wasSent` is false.
    package mutating func error(
        class errorClass: String,
        message: String,
        retryable: Bool,
        wasSent: Bool = true
    ) {
        name("error")
        beginObject()
        name("class")
        string(errorClass)
        name("message")
        string(message)
        name("retryable")
        bool(retryable)
        if !wasSent {
            name("sent")
            bool(false)
        }
        endObject()
    }

    private mutating func message(_ type: String, _ members: (inout JSONWriter) -> Void) {
        beginObject()
        name("t")
        string(type)
        members(&self)
        endObject()
        endLine()
    }

    private mutating func seq(_ seq: Int) {
        name("seq")
        integer(seq)
    }
}
