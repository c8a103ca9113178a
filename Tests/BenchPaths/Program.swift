// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// Runs one code path N times without other work, so that its instructions can be counted.
///
///     bench-paths PATH N
///
/// The number of instructions per task follows from the difference between two runs, so that start and set-up
/// do not count:
///
///     valgrind --tool=callgrind --callgrind-out-file=/tmp/one bench-paths wire 10000
///     valgrind --tool=callgrind --callgrind-out-file=/tmp/two bench-paths wire 20000
///
/// The number is (Ir of the second run - Ir of the first run) / 10,000. Ir is the number of instructions of a
/// run, as callgrind reports it. `callgrind_annotate /tmp/two` shows the share of each function.
///
/// To add a path, add a file with a function of N, and add a line to `paths`. The function returns a number
/// that depends on all its work, so that the compiler cannot remove any part. The function's set-up must not
/// depend on N.
@main
struct Program {
    private static let paths: [(name: String, run: @Sendable (Int) -> Int)] = [
        ("wire", WirePath.all),
        ("wire-answers", WirePath.readResults),
        ("wire-small", WirePath.readSmallResults),
        ("wire-data", WirePath.readDataResults),
        ("wire-foreign", WirePath.readForeignResults),
        ("wire-tasks", WirePath.readTasks),
        ("wire-write", WirePath.writeTasks),
        ("wire-records", WirePath.writeRecords),
        ("state", StatePath.all),
        ("frontier", FrontierPath.all),
        ("frontier-limits", FrontierPath.withLimits),
        ("frontier-free", FrontierPath.withoutLimits),
    ]

    static func main() {
        let words = CommandLine.arguments.dropFirst()
        guard words.count == 2, let path = paths.first(where: { $0.name == words.first }),
            let count = words.last.flatMap({ Int($0) }), count > 0
        else {
            print("usage: bench-paths \(paths.map(\.name).joined(separator: "|")) N")
            exit(2)
        }
        print("\(path.name) \(count): \(path.run(count))")
    }
}
