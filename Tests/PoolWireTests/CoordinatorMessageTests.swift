// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import Testing

@Suite struct CoordinatorMessageTests {
    private static func read(_ line: String) throws -> CoordinatorMessage {
        try CoordinatorMessage.read(Array(line.utf8).span)
    }

    private static func roundTrip(_ write: (inout JSONWriter) -> Void) throws -> (CoordinatorMessage, [UInt8])
    {
        var writer = JSONWriter()
        write(&writer)
        return (try read(writer.bytes.dropLast().text), writer.bytes)
    }

    @Test func writtenMessagesCanBeRead() throws {
        #expect(try Self.roundTrip { $0.writeDrain() }.0 == .drain)
        #expect(try Self.roundTrip { $0.writeRecall(max: 40) }.0 == .recall(max: 40))
        #expect(try Self.roundTrip { $0.writeCancel(seq: 17) }.0 == .cancel(seq: 17))
        let (message, bytes) = try Self.roundTrip { $0.writeInit(config: Array(#"{"a":1}"#.utf8)) }
        guard case .initialize(version: 1, config: let config?, isRemote: false) = message else {
            Issue.record("\(message)")
            return
        }
        #expect(Array(bytes[config]).text == #"{"a":1}"#)
    }

    @Test(arguments: [nil, #"{ "b":[] }"#])
    func aTaskAndItsResponseKeepTheirBytes(response: String?) throws {
        let object = Array(#"{"url" : "x"}"#.utf8)
        let (message, bytes) = try Self.roundTrip { writer in
            if let response {
                writer.writeTask(seq: 17, attempt: 2, task: object.span, response: Array(response.utf8).span)
            } else {
                writer.writeTask(seq: 17, attempt: 2, task: object.span, response: nil)
            }
        }
        guard case .task(let assignment) = message else {
            Issue.record("\(message)")
            return
        }
        #expect(assignment.seq == 17 && assignment.attempt == 2)
        #expect(Array(bytes[assignment.task]) == object)
        #expect(assignment.response.map { Array(bytes[$0]).text } == response)
    }

    @Test(
        arguments: [
            "", "x", "[]", #"{"t":"task"}"#, #"{"t":"task","seq":1}"#, #"{"t":"task","task":{}}"#,
            #"{"t":"task","seq":-1,"task":{}}"#,
            #"{"t":"task","seq":1,"task":"x"}"#, #"{"t":"cancel"}"#, #"{"t":"drain"} x"#,
        ]
    )
    func anInvalidMessageIsAnError(_ line: String) {
        #expect(throws: JSONSyntaxError.self) { try Self.read(line) }
    }

    @Test(arguments: ["{}", #"{"t":5}"#, #"{"t":"dra"}"#])
    func aMessageWithoutAKnownTypeIsUnknown(_ line: String) throws {
        #expect(try Self.read(line) == .unknown)
    }
}
