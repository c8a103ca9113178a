// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import ProcessPool

/// A function that only returns its input.
private let same = WorkerFunction("same") { (number: Int) in number }

/// Measures the cost of calls through a `ProcessPoolExecutor` whose workers run this program.
///
/// The called function only returns its input.
///
///     bench-executor map|submit [--tasks N] [--workers N]
///
/// `map` is one call of `map` over N integers. `submit` submits N tasks, and waits for the value of each
/// before it submits the next. The defaults are 1,000,000 tasks and 2 workers. Before the measurement, a map
/// over 100 integers starts the workers, at most one for each integer.
///
/// The program prints one line of JSON: the number of tasks, the number of values found correct, the seconds
/// from the first task to the last value, and for `submit` the median time of a task in microseconds.
@main
struct Program {
    static func main() async throws {
        ProcessPoolExecutor.serveIfWorker(same)
        var (tasks, workers) = (1_000_000, 2)
        var words = CommandLine.arguments.dropFirst()
        let kind = words.popFirst()
        while let name = words.popFirst() {
            guard let number = words.popFirst().flatMap({ Int($0) }), number > 0 else { usage() }
            switch name {
            case "--tasks": tasks = number
            case "--workers": workers = number
            default: usage()
            }
        }
        try await withProcessPool(configuration: PoolConfiguration(maxWorkers: workers)) { pool in
            for try await _ in pool.map(same, 0..<100) {}
            switch kind {
            case "map": try await map(tasks, pool)
            case "submit": try await submit(tasks, pool)
            default: usage()
            }
        }
    }

    private static func map(_ tasks: Int, _ pool: ProcessPoolExecutor) async throws {
        let start = ContinuousClock().now
        var done = 0
        var index = 0
        for try await number in pool.map(same, 0..<tasks) {
            if number == index { done += 1 }
            index += 1
        }
        let seconds = (ContinuousClock().now - start) / .seconds(1)
        print(#"{"items":\#(tasks),"ok":\#(done),"seconds":\#(seconds)}"#)
    }

    private static func submit(_ tasks: Int, _ pool: ProcessPoolExecutor) async throws {
        let clock = ContinuousClock()
        var times: [Duration] = []
        times.reserveCapacity(tasks)
        let start = clock.now
        for number in 0..<tasks {
            let begin = clock.now
            guard try await pool.submit(same, number).value == number else { continue }
            times.append(clock.now - begin)
        }
        let seconds = (clock.now - start) / .seconds(1)
        times.sort()
        let median = times.isEmpty ? 0 : times[times.count / 2] / .microseconds(1)
        print(#"{"items":\#(tasks),"ok":\#(times.count),"seconds":\#(seconds),"median_us":\#(median)}"#)
    }

    private static func usage() -> Never {
        print("usage: bench-executor map|submit [--tasks N] [--workers N]")
        exit(2)
    }
}
