// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// How many instructions each of the paths that every task takes is expected to cost.
///
/// The file is committed, and written anew where a change of the code is meant to change it.
struct InstructionBaseline: Codable, Sendable, Hashable {
    /// How to get the file anew.
    var about =
        "SPDX-License-Identifier: MIT; instructions of a task, by callgrind; from Scripts/bench --renew-baseline"
    /// By the name of the path.
    var instructions: [String: Double] = [:]

    /// How much more is let pass: library code differs from machine to machine.
    static let allowance = 0.1

    private enum CodingKeys: String, CodingKey {
        case about
        case instructions = "instructions_per_task"
    }

    /// Reads the file.
    ///
    /// - Throws: `BenchError` if there is none, or it is something else.
    init(file: String) throws {
        guard let data = FileManager.default.contents(atPath: file),
            let baseline = try? JSONDecoder().decode(Self.self, from: data)
        else { throw BenchError("'\(file)' is no baseline; write one with Scripts/bench --renew-baseline") }
        self = baseline
    }

    /// A baseline of what was measured, in whole instructions.
    init(_ measured: [String: Double]) {
        instructions = measured.mapValues { $0.rounded() }
    }

    /// Writes the file.
    func write(to file: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try (encoder.encode(self) + Data("\n".utf8)).write(to: URL(fileURLWithPath: file))
    }

    /// What is said of a path.
    enum Judgement: Hashable, Sendable {
        case asExpected
        case tooMany
        /// So few that the baseline should be renewed, or it would let that much be lost again.
        case fewer

        /// In words.
        var text: String {
            switch self {
            case .asExpected: "as expected"
            case .tooMany: "TOO MANY"
            case .fewer: "fewer; renew the baseline"
            }
        }
    }

    /// Compares what was measured of a path; nothing is expected of one that the file does not name.
    func judge(_ path: String, _ measured: Double) -> Judgement {
        guard let expected = instructions[path] else { return .asExpected }
        if measured > expected * (1 + Self.allowance) { return .tooMany }
        return measured < expected * (1 - Self.allowance) ? .fewer : .asExpected
    }
}
