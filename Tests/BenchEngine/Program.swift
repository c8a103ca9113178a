// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// Measures the time that the engine needs to send tasks without work to workers and to receive the results.
///
///     bench-engine [--tasks N] [--workers N]
///
/// Prints one line of JSON with the number of tasks, and the seconds from the first submission to the last
/// result. The defaults are 1,000,000 tasks and 2 workers. The workers run the program `fixture-worker` in
/// the folder of this program.
@main
struct Program {
    static func main() {
        var (tasks, workers) = (1_000_000, 2)
        var words = CommandLine.arguments.dropFirst()
        while let name = words.popFirst() {
            guard let number = words.popFirst().flatMap({ Int($0) }), number > 0 else { usage() }
            switch name {
            case "--tasks": tasks = number
            case "--workers": workers = number
            default: usage()
            }
        }
        signal(SIGPIPE, SIG_IGN)
        let job = NoOpJob(tasks: tasks)
        job.run(workers: workers)
        guard job.results == tasks, let seconds = job.seconds else {
            print("bench-engine: \(job.results) of \(tasks) tasks have results")
            exit(1)
        }
        print("{\"tasks\":\(tasks),\"seconds\":\(seconds)}")
    }

    private static func usage() -> Never {
        print("usage: bench-engine [--tasks N] [--workers N]")
        exit(2)
    }
}
