// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestPrograms
import TestThreads
import Testing

@testable import PoolWorker

/// Tests that a page too large for its worker's memory never gives a partial result.
@Suite(.enabled(if: WorkerLimits.areEnforced), .ownThread)
struct MemoryAndParsingTests {
    private static let mebibyte = 1 << 20

    /// A page with four long links and a short link.
    ///
    /// A long link has nearly 1 MiB, which is the limit for a link. Nearly the whole long link is a fragment,
    /// which is copied several times and then cut off.
    private static let page =
        "<title>t</title>"
        + (1...4).map { "<a href=\"/\($0)#" + String(repeating: "A", count: mebibyte - 16) + "\">x</a>" }
        .joined()
        + #"<a href="/last">z</a>"#

    private static let result =
        #"{"t":"result","seq":1,"result":{"title":"t","links":["http://h.test/1","http://h.test/2","#
        + #""http://h.test/3","http://h.test/4","http://h.test/last"],"count":5}}"#

    private let file = FileManager.default.temporaryDirectory.appendingPathComponent("page-\(UUID())").path

    /// Processes the page under a memory limit; returns the line with the result, the worker's end, and the
    /// worker's standard error.
    ///
    /// The line is `nil` if the worker died before it had written a result.
    private func process(mebibytes: Int) throws -> (result: String?, end: RunningProgram.End, errors: String)
    {
        let worker = try RunningProgram.worker("fetchpool-process")
        try worker.begin(config: #"{"processor":"links","memory_bytes":\#(mebibytes * Self.mebibyte)}"#)
        try worker.send(
            #"{"t":"task","seq":1,"attempt":1,"task":{"url":"http://h.test/"},"response":{"status":200,"#
                + #""url":"http://h.test/","headers":[],"content_type":"text/html","#
                + #""bytes":\#(Self.page.utf8.count),"body_path":"\#(file)","body_offset":0}}"#
        )
        try worker.send(#"{"t":"drain"}"#)
        worker.endInput()
        _ = try worker.line()
        let result = try worker.lineButBeats()
        return (result, try worker.waitForEnd(), try worker.allErrors())
    }

    @Test func underEachLimitTheResultIsCompleteOrTheWorkerDies() throws {
        try Data(Self.page.utf8).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        var (whole, dead) = (0, 0)
        for mebibytes in stride(from: 8, through: 40, by: 2) {
            let run = try process(mebibytes: mebibytes)
            if run.result == Self.result {
                #expect(run.end == .status(0))
                whole += 1
            } else {
                #expect(run.result == nil, "under \(mebibytes) MiB")
                // Only errno is checked. The signal depends on the code whose allocation failed: Swift code
                // aborts, and other code can access invalid memory.
                let line = run.errors.split(separator: "\n").last?.wholeMatch(of: CrashLine.pattern)
                #expect(line?.errno == "\(ENOMEM)", "under \(mebibytes) MiB")
                dead += 1
            }
        }
        // Several limits are too low, and several are high enough.
        #expect(dead > 2)
        #expect(whole > 2)
    }
}
