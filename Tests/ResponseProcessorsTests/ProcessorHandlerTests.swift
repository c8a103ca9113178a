// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import PoolWire
import ResponseProcessors
import Testing

struct ProcessorHandlerTests {
    private func handle(_ processor: BundledProcessor, response: String) throws -> String {
        var handler = BundledHandler(processor.processor)
        let lines = Array("{}\(response)".utf8)
        let assignment = CoordinatorMessage.Assignment(
            seq: 1,
            attempt: 1,
            task: 0..<2,
            response: 2..<lines.count
        )
        return try handler.handle(WorkerTask(lines: lines, assignment: assignment)).description
    }

    private func failure(_ processor: BundledProcessor, response: String) -> TaskFailure? {
        #expect(throws: TaskFailure.self) { try handle(processor, response: response) }
    }

    private func response(_ type: String?, _ body: String) -> String {
        let member = type.map { #""content_type":"\#($0)","# } ?? ""
        return #"{"status":200,"url":"http://h.test/",\#(member)"bytes":1,"body":"\#(body)"}"#
    }

    @Test(
        arguments: [
            (BundledProcessor.links, "text/html; charset=utf-8", "x"), (.text, "Application/XHTML+XML", "x"),
            (.json, "application/json", "1"), (.json, "application/ld+json;x=y", "1"),
            (.json, "text/json", "1"),
            (.links, nil, "<!doctype html>"), (.links, nil, "\u{FEFF}  <Html>"), (.links, "nonsense", "<p>"),
            (.text, "text/html charset=utf-8", "<p>"), (.text, "*/*", "<p>"), (.text, "text/", "<!-- x -->"),
            (.text, "unknown/unknown", "<p>"), (.json, "application/unknown;charset=x", "{}"),
            (.text, "foo, text/html", "x"), (.links, "text/plain, text/html", "x"),
            (.links, "text/html, x", "x"),
            (.json, nil, " {}"), (.json, "", "[]"),
        ] as [(BundledProcessor, String?, String)]
    )
    func aBodyOfTheRightTypeIsProcessed(processor: BundledProcessor, type: String?, body: String) throws {
        #expect(try handle(processor, response: response(type, body)).hasPrefix("{"))
    }

    /// Browsers read all Content-Type fields; the member `content_type` has only the value of the last field.
    @Test(arguments: [
        (["application/json", "*/*"], "*/*"), (["text/html", "application/json"], "application/json"),
        (["text/json; charset=x", "nonsense"], "nonsense"),
    ])
    func theTypeComesFromAllContentTypeFields(values: [String], last: String) throws {
        let fields = values.map { #"["content-type","\#($0)"]"# }.joined(separator: ",")
        let response =
            #"{"status":200,"url":"http://h.test/","headers":[\#(fields)],"content_type":"\#(last)","#
            + #""bytes":1,"body":"1"}"#
        let result = try handle(.json, response: response)
        #expect(result == #"{"valid":true,"type":"number","bytes":1,"value":1}"#)
    }

    @Test(
        arguments: [
            (
                BundledProcessor.links, "image/png", "<p>",
                "the links processor takes HTML, and this response is image/png"
            ),
            (
                .text, "TEXT/plain; charset=x", "<p>",
                "the text processor takes HTML, and this response is text/plain"
            ),
            (.json, "text/html", "{}", "the json processor takes JSON, and this response is text/html"),
            (
                .links, nil, "plain",
                "the links processor takes HTML; this response has no Content-Type, and its body does not begin like HTML"
            ),
            (
                .json, nil, "<p>",
                "the json processor takes JSON; this response has no Content-Type, and its body does not begin like JSON"
            ),
            (
                .json, "json", "<p>",
                "the json processor takes JSON; this response has a Content-Type that names no media type, and its body does not begin like JSON"
            ),
            (
                .links, "text/html, text/plain", "<p>",
                "the links processor takes HTML, and this response is text/plain"
            ),
        ] as [(BundledProcessor, String?, String, String)]
    )
    func aBodyOfAnotherTypeIsRefused(
        processor: BundledProcessor,
        type: String?,
        body: String,
        message: String
    ) {
        let refusal = failure(processor, response: response(type, body))
        #expect(refusal == TaskFailure(message, errorClass: "processor", isRetryable: false))
    }

    @Test func aBodyIsReadFromItsPlaceInTheFile() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data("before[1,2]after".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        func place(bytes: Int, offset: Int) -> String {
            #"{"status":200,"url":"u","content_type":"text/json","bytes":\#(bytes),"body_path":"\#(file.path)","#
                + #""body_offset":\#(offset)}"#
        }
        #expect(
            try handle(.json, response: place(bytes: 5, offset: 6))
                == #"{"valid":true,"type":"array","bytes":5,"value":[1,2]}"#
        )
        let short = failure(.json, response: place(bytes: 11, offset: 6))
        #expect(short?.message == "the body's file \(file.path) is too short for the body")
    }

    @Test func aMissingFileIsAnErrorOfItsTask() {
        let missing = #"{"status":200,"url":"u","bytes":5,"body_path":"/nonexistent/1-1","body_offset":0}"#
        #expect(failure(.json, response: missing)?.message.contains("cannot be opened") == true)
    }

    /// In a run, a fetch worker names and creates the file of a body.
    ///
    /// A symbolic link could lead to any file, and a pipe could block the processing worker.
    @Test func aFileThatIsNotRegularIsAnErrorOfItsTask() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (link, pipe) = (folder.path + "/1-1", folder.path + "/1-2")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/etc/passwd")
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        for (path, reason) in [
            (link, "cannot be opened"), (pipe, "is not a regular file"),
            ("/dev/zero", "is not a regular file"),
            (folder.path, "is not a regular file"),
        ] {
            let response = #"{"status":200,"url":"u","bytes":5,"body_path":"\#(path)","body_offset":0}"#
            #expect(failure(.json, response: response)?.message.contains(reason) == true)
        }
    }

    @Test(arguments: [#"{"status":200}"#, #"{"status":200,"url":"u","bytes":1,"body_segment":"1-1"}"#])
    func aResponseWithoutABodyToReadIsRefused(response: String) {
        _ = failure(.json, response: response)
    }
}
