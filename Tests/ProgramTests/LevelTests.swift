// SPDX-License-Identifier: MIT
// fetchpool

import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of one, two and three levels of coordinators.
@Suite(.ownThread)
struct LevelTests {
    private let folder: TestFolder

    init() throws { folder = TestFolder() }

    /// Returns the shell's arguments for a run with `levels` levels of coordinators; the lowest coordinator
    /// has the options `lowest`.
    private func arguments(_ levels: Int, _ lowest: String) -> [String] {
        let program = BuiltPrograms.path("fetchpool")
        var words = lowest
        for _ in 1..<levels {
            let command = "\(program) --supervised -w 1 \(words)"
            words = "--worker \(Self.quoted(command))"
        }
        return ["-c", "exec '\(program)' -q -w 1 \(words)"]
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: #"'\''"#) + "'"
    }

    private func run(_ levels: Int, _ lowest: String = "", input: String) throws -> RunningProgram.Finished {
        try RunningProgram.run("/bin/sh", arguments(levels, lowest), input: input)
    }

    private static func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    @Test(arguments: 1...3)
    func onlyATaskThatNestsAtMost500DeepIsFetched(levels: Int) throws {
        let input = [
            ("meta", 499), ("meta", 500), ("mine", 499), ("mine", 500), ("meta", 510), ("mine", 511),
        ]
        .map { #"{"url":"data:,x","\#($0)":\#(Self.nested($1))}"# + "\n" }.joined()
        let records = try run(levels, input: input).lines
        #expect(records.count == 6)
        for record in records {
            let isFetched = record.contains(#"{"v":1,"id":1,"#) || record.contains(#"{"v":1,"id":3,"#)
            #expect(record.contains(isFetched ? #""outcome":"ok""# : "nested deeper than 500"))
            if record.contains(#"{"v":1,"id":1,"#) {
                #expect(record.contains(#""meta":\#(Self.nested(499))"#))
            }
        }
    }

    @Test(arguments: 1...3)
    func onlyAResultThatNestsAtMost500DeepIsRecorded(levels: Int) throws {
        let script = try folder.write(
            """
            import json, sys

            print('{"t":"hello","v":1}', flush=True)
            for line in sys.stdin:
                message = json.loads(line)
                if message["t"] == "task":
                    depth = int(message["response"]["body"])
                    result = '{"seq":%d,"result":%s}' % (message["seq"], "[" * depth + "]" * depth)
                    print(result, flush=True)

            """,
            to: "deep.py"
        )
        let command = Self.quoted("python3 \(script)")
        let input = "data:,500\ndata:,501\ndata:,510\ndata:,511\ndata:,1\n"
        let records = try run(levels, "-x \(command)", input: input).lines
        #expect(records.count == 5)
        for record in records {
            if record.contains(#"{"v":1,"id":1,"#) {
                #expect(record.contains(#""outcome":"ok""#) && record.contains(Self.nested(500)))
            } else if record.contains(#"{"v":1,"id":5,"#) {
                #expect(record.contains(#""outcome":"ok""#))
            } else {
                #expect(record.contains(#""class":"worker_protocol""#))
            }
        }
    }

    @Test(arguments: 1...3)
    func aRecordIsOneLineForEveryReader(levels: Int) throws {
        let script = try folder.write(
            """
            import json, sys

            print('{"t":"hello","v":1}', flush=True)
            for line in sys.stdin:
                message = json.loads(line)
                if message["t"] == "task":
                    forged = '[\\r{"v":1,"id":"forged"}\\r,"\\u2028\\u2029\\u0085"]'
                    result = '{"seq":%d,"result":%s}\\n' % (message["seq"], forged)
                    sys.stdout.buffer.write(result.encode())
                    sys.stdout.flush()

            """,
            to: "forges.py"
        )
        let command = Self.quoted("python3 \(script)")
        let input = "{\"url\":\"data:,x\",\"id\":\"\u{2028}\",\"meta\":[\r{\"v\":1}\r]}\n"
        let output = try run(levels, "-x \(command)", input: input).output
        let record = try Record(output)
        #expect(record.outcome == "ok")
        #expect(output.contains(#""result":[ {"v":1,"id":"forged"} ,"\u2028\u2029\u0085"]"#), "\(output)")
        #expect(output.contains(#""meta":[ {"v":1} ]"#))
        #expect(output.unicodeScalars.filter { $0.properties.generalCategory == .lineSeparator }.isEmpty)
        #expect(output.utf8.filter { $0 == 0x0D || $0 == 0x0A }.count == 1)
    }
}
