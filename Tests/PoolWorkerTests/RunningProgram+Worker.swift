// SPDX-License-Identifier: MIT
// fetchpool

import TestPrograms

/// Functions that start a worker, send messages to it, and read its messages.
extension RunningProgram {
    /// Starts the worker called `name` that was built with the tests.
    static func worker(_ name: String, _ arguments: [String] = ["--supervised"]) throws -> RunningProgram {
        try RunningProgram(name, arguments)
    }

    /// Sends `init` for the processor called `processor`; with `nil`, `init` names no processor.
    func begin(_ processor: String? = nil) throws {
        let config = processor.map { #"{"processor":"\#($0)"}"# } ?? "{}"
        try begin(config: config)
    }

    /// Sends `init` with the settings `config`, which is the text of a JSON object.
    func begin(config: String) throws {
        try send(#"{"t":"init","v":1,"config":\#(config)}"#)
    }

    /// Sends a task with a page; `wish` tells the worker `fixture-processor` what to do.
    func task(_ seq: Int, wish: String) throws {
        try send(Self.taskLine(seq, wish: wish))
    }

    /// Sends a task with the response body `body`, which is already escaped for a JSON string.
    func task(_ seq: Int, body: String, type: String = "text/html") throws {
        try send(Self.taskLine(seq, body: body, type: type))
    }

    /// Returns the line of a task with a page; `wish` tells the worker `fixture-processor` what to do.
    static func taskLine(_ seq: Int, wish: String) -> String {
        taskLine(seq, body: #"<meta name=\"fixture\" content=\"\#(wish)\">"#)
    }

    /// Returns the line of a task with the response body `body`, which is already escaped for a JSON string.
    static func taskLine(_ seq: Int, body: String, type: String = "text/html") -> String {
        #"{"t":"task","seq":\#(seq),"attempt":1,"task":{"url":"http://h.test/"},"response":{"status":200,"#
            + #""url":"http://h.test/","headers":[],"content_type":"\#(type)","bytes":1,"body":"\#(body)"}}"#
    }

    /// Returns the worker's next line that is not a beat; `nil` at the end of the output.
    func lineButBeats() throws -> String? {
        while let line = try line() {
            if !line.hasPrefix(#"{"t":"beat""#) { return line }
        }
        return nil
    }
}
