// SPDX-License-Identifier: MIT
// fetchpool

// Functions that write the lines of the protocol in both directions. Each function `write…` writes one whole
// line.

extension JSONWriter {
    // MARK: Coordinator to worker

    /// Writes the first line to a worker.
    ///
    /// `config` is a JSON object. `isRemote` is true if the connection can be lost without notice.
    package mutating func writeInit(config: [UInt8], isRemote: Bool = false) {
        message("init") { writer in
            writer.name("v")
            writer.integer(WireLimits.version)
            if isRemote {
                writer.name("remote")
                writer.bool(true)
            }
            writer.name("config")
            writer.raw(config)
        }
    }

    /// Writes the line that sends a task; `task` and `response` are JSON objects.
    ///
    /// If `response` is `nil`, the line has no member `response`.
    ///
    /// If `id` is not `nil`, `id` becomes the last member of `task`. In this case, `task` must have at least
    /// one member, and no member `id`.
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

    /// Writes a request to return up to `max` tasks that have not begun.
    package mutating func writeRecall(max: Int) {
        message("recall") { writer in
            writer.name("max")
            writer.integer(max)
        }
    }

    /// Writes a request to return the task `seq`, or to end the task soon if it has begun.
    package mutating func writeCancel(seq: Int) {
        message("cancel") { $0.seq(seq) }
    }

    /// Writes the confirmation of a worker's `start`; the worker can then begin the task `seq`.
    package mutating func writeConfirm(seq: Int) {
        message("confirm") { $0.seq(seq) }
    }

    /// Writes the cookies that other workers have changed.
    package mutating func writeCookies(_ cookies: [String]) {
        message("cookies") { $0.cookies(cookies) }
    }

    /// Writes a request to finish all tasks and exit.
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
            if let program = hello.programVersion {
                writer.name("program_version")
                writer.string(program)
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

    /// Writes the message that work on the task `seq` begins.
    package mutating func writeStart(seq: Int) {
        message("start") { $0.seq(seq) }
    }

    /// Writes a result message; `body` writes the members after `seq`.
    package mutating func writeResultMessage(seq: Int, _ body: (inout JSONWriter) -> Void) {
        beginResultMessage(seq: seq)
        body(&self)
        endResultMessage()
    }

    /// Begins a result message; the caller then writes the other members, and calls `endResultMessage`.
    package mutating func beginResultMessage(seq: Int) {
        separate()
        verbatim(#"{"t":"result","seq":"#)
        digits(of: seq)
    }

    /// Ends a result message and its line.
    package mutating func endResultMessage() {
        endObjectAndLine()
    }

    /// Writes the message that returns the task `seq`, which the worker has not begun.
    package mutating func writeReturned(seq: Int) {
        message("returned") { $0.seq(seq) }
    }

    /// Writes a report of the worker's state.
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
            if let fault = beat.spoolFault {
                writer.name("spool_fault")
                writer.string(fault)
            }
            if !beat.cookies.isEmpty { writer.cookies(beat.cookies) }
        }
    }

    /// Writes the last line of a worker that exits cleanly, with the reason for the exit.
    package mutating func writeBye(reason: String) {
        message("bye") { writer in
            writer.name("reason")
            writer.string(reason)
        }
    }

    /// Writes the member `error`; its member `sent` is written only if `wasSent` is false.
    ///
    /// For the meaning of `wasSent`, see `ResultMessage.wasSent`.
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

    private mutating func cookies(_ texts: [String]) {
        name("cookies")
        beginArray()
        for text in texts { string(text) }
        endArray()
    }

    private mutating func seq(_ seq: Int) {
        name("seq")
        integer(seq)
    }
}
