// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import Testing

@Suite struct NestingTests {
    private static func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    private static func result(of line: String) -> Range<Int>? {
        let bytes = Array(line.utf8)
        guard case .result(let message)? = try? WorkerMessage.read(bytes.span) else { return nil }
        return message.result
    }

    @Test(
        arguments: [#"{"t":"result","seq":1,"result":"#, #"{ "result" : "#, #"{"seq":1,"r\u0065sult":"#]
    )
    func aResultMayNest500DeepInAnySpellingOfItsLine(start: String) {
        let end = start.contains("seq") ? "}" : #","seq":1}"#
        #expect(Self.result(of: start + Self.nested(500) + end)?.count == 1_000)
        #expect(Self.result(of: start + Self.nested(501) + end) == nil)
    }

    @Test func aParentCoordinatorCanReadTheRecordOfTheDeepestResult() throws {
        let inside = #""outcome":"ok","result":\#(Self.nested(500))"#
        let line = Array(#"{"t":"result","seq":1,"record":{\#(inside)}}"#.utf8)
        guard case .result(let message) = try WorkerMessage.read(line.span) else {
            Issue.record("no result")
            return
        }
        #expect(message.record?.count == inside.utf8.count + 2)
        #expect(try Array(#"{"v":1,"id":1,\#(inside)}"#.utf8).document().kind == .object)
    }

    @Test func theLineOfTheDeepestTaskCanBeRead() throws {
        let task = #"{"url":"data:,","meta":\#(Self.nested(499))}"#
        let line = Array(#"{"t":"task","seq":1,"attempt":1,"task":\#(task),"response":{}}"#.utf8)
        for message in [try CoordinatorMessage.read(line.span), try CoordinatorMessage.readAny(line.span)] {
            guard case .task(let sent) = message else {
                Issue.record("no task")
                return
            }
            #expect(sent.task.count == task.utf8.count)
        }
    }

    @Test func theErrorContainsTheLimitOfTheNesting() {
        let line = Array((#"{"seq":1,"result":"# + Self.nested(501) + "}").utf8)
        #expect(throws: JSONSyntaxError("nested deeper than 500", at: 518)) {
            _ = try WorkerMessage.read(line.span)
        }
        let whole = Array(Self.nested(513).utf8)
        #expect(throws: JSONSyntaxError("nested deeper than 512", at: 512)) { try whole.document() }
    }

    @Test(
        arguments: [
            (#"{"t":"task","seq":17,"attempt":1,"task":{"#, 17), (#"{"seq":3,"t":"task","task":5}"#, 3),
            ("{\"t\":\"task\",\"seq\":17,\"task\":{\"url\":\"\u{1}\"}}", 17), (#"{"t":"task","task":{"#, nil),
            (#"{"t":"recall","seq":17,"#, nil), ("garbage", nil), ("", nil), (#"{"t":"task","seq":-1,"#, nil),
        ] as [(String, Int?)]
    )
    func theNumberOfATaskIsFoundInAnInvalidLine(line: String, seq: Int?) {
        let bytes = Array(line.utf8)
        let found = CoordinatorMessage.numberOfUnreadableTask(bytes.span)
        #expect(found == seq)
    }
}
