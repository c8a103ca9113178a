// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import PoolWire
import TestFolders
import TestThreads
import Testing

@testable import FetchRun
@testable import Platform

/// Tests of the rules that choose the tasks of a run from its input.
@Suite(.ownThread)
struct InputSelectionTests {
    private let folder = TestFolder()

    /// Returns the messages of an input thread with these rules, in the form of `InputBatch.described`.
    private func read(_ text: String, _ rules: InputSelection.Rules) throws -> [String] {
        let source = try InputThread.Source.open(folder.write(text, to: "list"))
        let queue = InputQueue.forInput()
        InputThread(urls: [], sources: [source], choosing: rules, into: queue, wake: WakePipe()).start()
        var lines: [String] = []
        while let batch = queue.popWaiting() { lines += batch.described }
        return lines
    }

    private func ordinals(_ lines: [String]) -> [Int] {
        lines.compactMap { line in line.split(separator: " ").first.flatMap { Int($0) } }
    }

    @Test func allTasksOfAHostAreInTheSamePart() throws {
        let hosts = (0..<40).map { "h\($0).test" }
        var text = ""
        for round in 0..<4 {
            for host in hosts { text += "http://\(host)/\(round)\n" }
            text += "no url\nHTTP://H7.test/x\n{\"url\":\"data:,\(round)\"}\ndata:,b\(round)\n"
        }
        let all = ordinals(try read(text, InputSelection.Rules()))
        #expect(all == Array(1...176))
        for count in [1, 2, 3, 7] {
            var seen: [Int] = []
            var parts: [String: Int] = [:]
            for number in 1...count {
                let shard = try #require(Shard(number, of: count))
                let lines = try read(text, InputSelection.Rules(shard: shard))
                #expect(count > 3 || lines.count > 176 / count / 3, "a part is a third of the mean or less")
                seen += ordinals(lines)
                for line in lines {
                    guard let host = line.lowercased().firstMatch(of: #/h\d+\.test/#) else { continue }
                    #expect(parts.updateValue(number, forKey: String(host.0)) ?? number == number)
                }
            }
            #expect(seen.sorted() == all)
        }
    }

    /// The runs on several machines must divide the input in the same way, even with different versions of
    /// fetchpool.
    @Test func partsNeverChange() throws {
        let numbers = try ["example.com", "127.0.0.1", "xn--bcher-kva.example", "h"].map { name in
            try #require((1...1_000).first { Shard($0, of: 1_000)?.has(Array(name.utf8).span) == true })
        }
        #expect(numbers == [182, 448, 780, 164])
        #expect(Shard(0, of: 3) == nil && Shard(4, of: 3) == nil && Shard(1, of: 0) == nil)
    }

    @Test(arguments: [1, 2, 5, 9])
    func noMoreTasksThanTheLimitAreRead(limit: Int) throws {
        let text = (1...6).map { "# comment\nhttp://h/\($0)\n" }.joined()
        let lines = try read(text, InputSelection.Rules(limit: limit))
        #expect(ordinals(lines) == [2, 4, 6, 8, 10, 12].prefix(limit).map { $0 })
    }

    @Test func aLimitEndsAnEndlessInput() throws {
        var rules = InputSelection.Rules(limit: 3)
        rules.dedupes = true
        let pipe = try #require(Pipe(isNonblocking: false))
        let queue = InputQueue.forInput()
        let source = InputThread.Source(name: "pipe", descriptor: pipe.reader)
        InputThread(urls: [], sources: [source], choosing: rules, into: queue, wake: WakePipe()).start()
        // The writing end of the pipe stays open.
        let input = Array("http://h/1\nhttp://h/2\nhttp://h/3\nhttp://h/4\n".utf8)
        let isWritten = writeAll(input.span, to: pipe.writer)
        #expect(isWritten)
        var lines: [String] = []
        while let batch = queue.popWaiting() { lines += batch.described }
        #expect(lines.count == 3)
    }

    @Test func theRecordOfARepeatedURLNamesTheFirstID() throws {
        let text = #"""
            http://h/a#x
            http://h/b
            {"url":"HTTP://H:80/./a#y"}
            {"url":"http://h/c","id":"first","meta":[1]}
            {"id":9,"url":"http:\/\/h/c","meta":{"k":2}}
            {"url":"http://h/a","method":"POST"}
            {"url":"http://h/a","body":"x"}
            {"url":"http://h/a","method":"GET","headers":{"A":"b"}}
            http://h/a?
            data:,x
            data:,x#f
            http://a:1@h/b
            http://b:2@h/b
            {"url":"http://h/b","headers":{}}
            {"url":"http://h/b","headers":{"A":null}}
            {"headers":{"A":null,"B":"c"},"url":"http://h/b"}

            """#
        var rules = InputSelection.Rules()
        rules.dedupes = true
        let source = try InputThread.Source.open(folder.write(text, to: "list"))
        let queue = InputQueue.forInput()
        InputThread(urls: [], sources: [source], choosing: rules, into: queue, wake: WakePipe()).start()
        var (tasks, records): ([Int], [String]) = ([], [])
        while let batch = queue.popWaiting() {
            tasks += batch.messages.filter { $0.kind == .task }.map(\.task.ordinal)
            for refused in batch.refused {
                var writer = JSONWriter()
                writer.writeRecord(of: refused)
                records.append(String(decoding: writer.take(), as: UTF8.self))
            }
        }
        #expect(tasks == [1, 2, 4, 6, 7, 8, 9, 10, 12, 13, 16])
        func skipped(_ id: String, _ url: String, _ first: String, _ rest: String = "") -> String {
            #"{"v":1,"id":\#(id),"url":"\#(url)","outcome":"skipped","error":{"class":"duplicate","message":"#
                + #""the same URL as the task with the id \#(first)","retryable":false}\#(rest)}"# + "\n"
        }
        #expect(
            records == [
                skipped("3", "HTTP://H:80/./a#y", "1"),
                skipped("9", #"http:\/\/h/c"#, #"\"first\""#, #","meta":{"k":2}"#),
                skipped("11", "data:,x#f", "10"),
                skipped("14", "http://h/b", "2"),
                skipped("15", "http://h/b", "2"),
            ]
        )
    }
}
