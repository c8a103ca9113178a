// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

/// Runs the path of messages: lines are framed, parsed and written.
enum WirePath {
    /// The number of lines in a buffer, as in one read from a busy pipe.
    private static let linesPerRead = 256

    /// The result of a fetch worker: 259 bytes, of which the record repeats 206.
    private static let fetchResult =
        #"{"t":"result","seq":1234567,"status":200,"fields":{"final_url":"http://127.0.0.1:8199/s","redirects":0,"#
        + #""http_version":"1.1","remote_ip":"127.0.0.1","content_type":"application/json","#
        + #""bytes":{"wire":111,"body":111},"timing":{"ttfb_ms":0.102,"total_ms":0.118}}}"#
    /// The result of a `data:` URL.
    private static let dataResult =
        #"{"t":"result","seq":1234567,"status":200,"fields":{"final_url":"data:,x","redirects":0,"#
        + #""content_type":"text/plain;charset=US-ASCII","bytes":{"wire":1,"body":1},"timing":{"total_ms":0.009}}}"#
    private static let smallResult = #"{"t":"result","seq":1234567,"result":{}}"#
    /// The result of a worker written in Python: the JSON has spaces, and no member `t`.
    private static let foreignResult =
        #"{"seq": 1234567, "result": {"title": "A page", "links": 17, "ok": true}}"#
    private static let task = #"{"url":"http://127.0.0.1:8199/s"}"#

    /// Runs all parts, except `readForeignResults`, for `count` tasks.
    static func all(_ count: Int) -> Int {
        readResults(count) &+ readSmallResults(count) &+ readDataResults(count) &+ readTasks(count)
            &+ writeTasks(count) &+ writeRecords(count)
    }

    static func readResults(_ count: Int) -> Int { read(fetchResult, count) }
    static func readSmallResults(_ count: Int) -> Int { read(smallResult, count) }
    static func readDataResults(_ count: Int) -> Int { read(dataResult, count) }

    static func readForeignResults(_ count: Int) -> Int { read(foreignResult, count) }

    static func readTasks(_ count: Int) -> Int {
        var writer = JSONWriter()
        let object = Array(task.utf8)
        writer.writeTask(seq: 1_234_567, attempt: 1, task: object.span, response: nil)
        var sum = 0
        forLines(String(decoding: writer.bytes.dropLast(), as: UTF8.self), count) { line in
            if case .task(let task)? = try? CoordinatorMessage.read(line) {
                sum &+= task.seq &+ task.task.count
            }
        }
        return sum
    }

    static func writeTasks(_ count: Int) -> Int {
        var writer = JSONWriter()
        let object = Array(task.utf8)
        var sum = 0
        for seq in 1_000_000..<1_000_000 + count {
            writer.writeTask(seq: seq, attempt: 1, task: object.span, response: nil)
            if writer.count > 16_000 {
                sum &+= writer.count
                writer.removeAll()
            }
        }
        return sum &+ writer.count
    }

    static func writeRecords(_ count: Int) -> Int {
        let line = Array(fetchResult.utf8)
        guard case .result(let message)? = try? WorkerMessage.read(line.span), let fields = message.fields
        else {
            return 0
        }
        var writer = JSONWriter()
        let (id, url) = (Array("1234567".utf8), Array(#""http://127.0.0.1:8199/s""#.utf8))
        var sum = 0
        for _ in 0..<count {
            writer.beginRecord(id: id.span, url: url.span, outcome: .ok, status: message.status)
            writer.recordFields(fields, timing: message.timing, in: line.span)
            writer.recordAttempt(1)
            writer.recordWorker(id: 1, pid: 4_711)
            writer.endRecord(meta: nil)
            if writer.count > 16_000 {
                sum &+= writer.count
                writer.removeAll()
            }
        }
        return sum &+ writer.count
    }

    /// Parses `count` copies of `line` in the same way as the pool.
    private static func read(_ line: String, _ count: Int) -> Int {
        var message = ResultMessage(seq: 0)
        var sum = 0
        forLines(line, count) { line in
            if !FastResultReader.read(line, into: &message) {
                guard case .result(let other)? = try? WorkerMessage.readAny(line) else { return }
                message = other
            }
            sum &+= message.seq &+ (message.fields?.count ?? 0) &+ (message.bodyBytes ?? 0)
        }
        return sum
    }

    /// Frames `count` copies of `line`, with many copies in each read, and passes each copy to `take`.
    private static func forLines(_ line: String, _ count: Int, _ take: (Span<UInt8>) -> Void) {
        let one = Array((line + "\n").utf8)
        var framer = LineFramer(maxLineBytes: WireLimits.maxWorkerLineBytes)
        var left = count
        while left > 0 {
            let now = min(left, linesPerRead)
            left -= now
            _ = unsafe framer.fill(room: now * one.count) { room in
                for index in 0..<now {
                    let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[(index * one.count)...])
                    unsafe one.withUnsafeBytes { unsafe rest.copyMemory(from: $0) }
                }
                return now * one.count
            }
            while case .whole(let range)? = framer.next() { take(framer.bytes.span.extracting(range)) }
        }
    }
}
