// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms
import TestThreads
import Testing

/// Tests that deaths of workers leave no resources behind in the coordinator.
@Suite(.ownThread) struct DeathsTests {
    /// The resources of a process, from proc(5).
    private struct Holding {
        let descriptors: Int
        let threads: Int
        let heapKB: Int
        let zombies: Int

        init(of pid: Int32) throws {
            descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            func number(_ name: String) throws -> Int {
                let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(name + ":") })
                return try #require(
                    line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
                )
            }
            threads = try number("Threads")
            heapKB = try number("RssAnon")
            zombies = try FileManager.default.contentsOfDirectory(atPath: "/proc").count { name in
                guard Int(name) != nil,
                    let stat = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8)
                else { return false }
                // State and parent follow the name, which is in parentheses.
                let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
                return fields.count > 1 && fields[0] == "Z" && fields[1] == String(pid)
            }
        }
    }

    @Test(.ownThread(isFirst: true)) func deathsLeakNoDescriptorsThreadsOrHeap() throws {
        let folder = try ScratchFolder()
        let worker = #"""
            echo '{"t":"hello","v":1}'
            read init
            while read task; do kill -SEGV $$; done
            """#
        try folder.write(worker + "\n", to: "dies.sh")
        let server = try FixtureServer()
        let spool = folder.path + "/spool"
        try FileManager.default.createDirectory(atPath: spool, withIntermediateDirectories: false)
        let command = "sh '\(folder.path)/dies.sh'"
        let run = try RunningProgram("fetchpool", ["-q", "-w", "2", "-x", command, "--spool", spool])

        /// Returns the number of files in the spool, without the spare files.
        ///
        /// The counted files are the lock of the spool, and segments of 8 MiB.
        func spooled() throws -> Int {
            let folders = try FileManager.default.contentsOfDirectory(atPath: spool)
            return try folders.reduce(0) {
                let names = try FileManager.default.contentsOfDirectory(atPath: spool + "/" + $1)
                return $0 + names.count { !$0.hasPrefix("spare-") }
            }
        }

        /// Fetches `responses` pages, each of which kills two workers; returns the coordinator's resources.
        ///
        /// A response that kills its worker is processed once more.
        func crash(responses: Int) throws -> Holding {
            for number in 0..<responses { try run.send("\(server.base)/page/\(number)") }
            for _ in 0..<responses {
                let record = try #require(try run.line())
                #expect(
                    record.contains(#""outcome":"worker_crash""#) && record.contains(#""signal":"SIGSEGV""#)
                )
            }
            // When the record of this invalid line comes, the coordinator has handled the last deaths.
            try run.send("{}")
            #expect(try run.line()?.contains(#""outcome":"invalid""#) == true)
            return try Holding(of: run.pid)
        }

        // After a few hundred deaths, the heap and the number of threads no longer grow.
        let before = try crash(responses: 400)
        let after = try crash(responses: 1_000)
        // Each of the two processing workers may be starting or ending at this moment. For each worker, the
        // coordinator has three pipes, a pidfd, and a thread that reports the worker's exit.
        #expect(abs(after.descriptors - before.descriptors) <= 16)
        #expect(abs(after.threads - before.threads) <= 4)
        // Foundation reaps a process a moment after the coordinator knows of its exit.
        #expect(after.zombies <= 4)
        // If each of the 2,000 dead workers leaked its `Process` (3 kB), the heap would grow by 6,000 kB.
        #expect(after.heapKB - before.heapKB < 1_000)
        // 70 MB went through the spool. The lock and the current segment stay, and another segment may still
        // wait for its removal.
        #expect(try spooled() <= 3)
        #expect(try run.finish().end == .status(1))
        #expect(try FileManager.default.contentsOfDirectory(atPath: spool) == [])
    }
}
