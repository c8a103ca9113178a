// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import ResponseProcessors

/// Measures the time that a bundled processor needs for pages, without any fetch.
///
///     bench-processors PROCESSOR LIST COUNT
///
/// LIST is a file with the path of one page on each line. The program reads all pages first, and then
/// processes them in turn until COUNT pages are done. Its output is one line of JSON. The line has the
/// numbers of pages and of successes, the elapsed time and the processor time in seconds, and the slowest
/// page's processor time in milliseconds.
@main
struct Program {
    static func main() throws {
        let words = CommandLine.arguments.dropFirst()
        guard words.count == 3, let kind = words.first.flatMap(BundledProcessor.init(rawValue:)),
            let count = words.last.flatMap({ Int($0) }), count > 0
        else {
            print("usage: bench-processors PROCESSOR LIST COUNT")
            exit(2)
        }
        let list = try String(contentsOfFile: CommandLine.arguments[2], encoding: .utf8)
        let pages = try list.split(separator: "\n").map { path in
            FetchedResponse(
                url: "http://127.0.0.1/files/page.html",
                contentType: "text/html",
                body: Array(try Data(contentsOf: URL(fileURLWithPath: String(path))))
            )
        }
        guard !pages.isEmpty else {
            print("bench-processors: the list names no pages")
            exit(1)
        }
        measure(kind, pages, count)
    }

    private static func measure(_ kind: BundledProcessor, _ pages: [FetchedResponse], _ count: Int) {
        var processor = kind.processor
        var (ok, slowest) = (0, 0.0)
        let begin = (wall: seconds(CLOCK_MONOTONIC), processor: seconds(CLOCK_PROCESS_CPUTIME_ID))
        var last = begin.processor
        for number in 0..<count {
            if (try? processor.process(pages[number % pages.count])) != nil { ok += 1 }
            let now = seconds(CLOCK_PROCESS_CPUTIME_ID)
            slowest = max(slowest, now - last)
            last = now
        }
        print(
            "{\"items\":\(count),\"ok\":\(ok),\"seconds\":\(seconds(CLOCK_MONOTONIC) - begin.wall),"
                + "\"cpu_seconds\":\(last - begin.processor),\"slowest_ms\":\(slowest * 1_000)}"
        )
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
