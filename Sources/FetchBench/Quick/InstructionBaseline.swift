// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// The expected numbers of instructions per task on the code paths of `InstructionCount.paths`.
///
/// The file `Scripts/bench-baseline.json` of the repository holds the numbers. Renew the file when the
/// numbers change on purpose.
struct InstructionBaseline: Codable, Sendable, Hashable {
    /// The note in the file, which names the command that renews the file.
    var about =
        "SPDX-License-Identifier: MIT; instructions of a task, by callgrind; from Scripts/bench --renew-baseline"
    /// The numbers of instructions, by the name of the code path.
    var instructions: [String: Double] = [:]

    /// The allowed difference of a measured number from the baseline, as a share of the baseline's number.
    ///
    /// Library code differs between machines.
    static let allowance = 0.1

    private enum CodingKeys: String, CodingKey {
        case about
        case instructions = "instructions_per_task"
    }

    /// Reads the file.
    ///
    /// - Throws: `BenchError` if there is no valid file.
    init(file: String) throws {
        guard let data = FileManager.default.contents(atPath: file),
            let baseline = try? JSONDecoder().decode(Self.self, from: data)
        else {
            throw BenchError("'\(file)' is not a baseline; write one with Scripts/bench --renew-baseline")
        }
        self = baseline
    }

    /// Makes a baseline of measured numbers, rounded to whole instructions.
    init(_ measured: [String: Double]) {
        instructions = measured.mapValues { $0.rounded() }
    }

    /// Writes the file.
    func write(to file: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try (encoder.encode(self) + Data("\n".utf8)).write(to: URL(fileURLWithPath: file))
    }

    /// The judgement on a code path.
    enum Judgement: Hashable, Sendable {
        case asExpected
        case tooMany
        /// The number is so low that the baseline should be renewed; otherwise a later increase would not be
        /// noticed.
        case fewer

        /// The judgement as text.
        var text: String {
            switch self {
            case .asExpected: "as expected"
            case .tooMany: "TOO MANY"
            case .fewer: "fewer; renew the baseline"
            }
        }
    }

    /// Compares the measured number of a code path with the baseline.
    ///
    /// A code path without a number in the baseline is always as expected.
    func judge(_ path: String, _ measured: Double) -> Judgement {
        guard let expected = instructions[path] else { return .asExpected }
        if measured > expected * (1 + Self.allowance) { return .tooMany }
        return measured < expected * (1 - Self.allowance) ? .fewer : .asExpected
    }
}
