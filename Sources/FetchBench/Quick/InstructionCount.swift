// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// Counts instructions with callgrind; the counts do not depend on the load of the machine.
struct InstructionCount {
    /// The program `bench-paths`, which runs one code path a given number of times.
    let program: String
    let folder: String

    /// The names of the code paths that are counted.
    static let paths = ["wire", "state", "frontier"]

    private static let tasks = 4_000

    /// Returns the number of instructions for one task on a code path.
    ///
    /// The number is computed from the difference between two runs, so that start and set-up do not count.
    ///
    /// - Throws: The errors of `ProgramRun.run`; `BenchError` if strip(1), callgrind or `bench-paths` fails,
    ///   or if callgrind gives no count.
    func perTask(_ path: String) throws -> Double {
        let bare = try programWithoutDebugInformation()
        let (twice, once) = (try total(bare, path, 2 * Self.tasks), try total(bare, path, Self.tasks))
        return Double(twice - once) / Double(Self.tasks)
    }

    /// Returns the file of a copy of the program without debug information; makes the copy at the first call.
    ///
    /// Older versions of callgrind cannot read the debug information.
    private func programWithoutDebugInformation() throws -> String {
        let copy = folder + "/bench-paths"
        if FileManager.default.isExecutableFile(atPath: copy) { return copy }
        let run = try ProgramRun.run(Command("strip", ["--strip-debug", "-o", copy, program]), in: folder)
        guard run.status == 0 else {
            let remedy = FileManager.default.fileExists(atPath: program) ? "" : "; build all targets"
            throw BenchError("strip cannot copy '\(program)' (status \(run.status))\(remedy)")
        }
        return copy
    }

    private func total(_ program: String, _ path: String, _ tasks: Int) throws -> Int {
        let file = folder + "/callgrind"
        let options = ["--tool=callgrind", "--callgrind-out-file=\(file)"]
        let run = try ProgramRun.run(
            Command("valgrind", options + [program, path, String(tasks)]),
            in: folder
        )
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        guard run.status == 0, let total = Self.total(in: text) else {
            throw BenchError("bench-paths \(path) gives no count under callgrind (status \(run.status))")
        }
        return total
    }

    /// Returns the number after `totals:` or `summary:` in a file of callgrind; nil if there is none.
    static func total(in text: String) -> Int? {
        for name in ["totals:", "summary:"] {
            guard let line = text.split(separator: "\n").last(where: { $0.hasPrefix(name) }) else { continue }
            if let total = line.dropFirst(name.count).split(separator: " ").first.flatMap({ Int($0) }) {
                return total
            }
        }
        return nil
    }
}
