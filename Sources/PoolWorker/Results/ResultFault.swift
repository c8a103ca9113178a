// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The reason why a value cannot be part of a result, and the place of the value in the result.
///
/// The value is a number that is not finite, or nests too deep.
///
/// The type is a class, so that `JSONResult.fault` takes only eight bytes: nearly all results have no fault.
package final class ResultFault: Hashable, Sendable, CustomStringConvertible {
    /// The end of a sentence that tells the problem, such as `is nan`.
    ///
    /// The subject of the sentence is the value.
    let problem: String
    /// The path to the value, such as `.prices[2]`; empty for the whole result.
    private let path: String

    init(problem: String, path: String = "") {
        (self.problem, self.path) = (problem, path)
    }

    /// The fault of a value that nests deeper than a result may.
    static let tooDeep = ResultFault(problem: "nests deeper than \(CompactJSON.maxDepth) arrays and objects")

    /// Returns a copy of this fault whose path begins with the member `name`.
    func within(member name: String) -> ResultFault {
        let isPlain = !name.isEmpty && name.utf8.allSatisfy { JSONReader.isPlain($0) }
        return within(isPlain ? "." + name : "[\(name.debugDescription)]")
    }

    /// Returns a copy of this fault whose path begins with the element at `index`.
    func within(element index: Int) -> ResultFault { within("[\(index)]") }

    private func within(_ step: String) -> ResultFault {
        ResultFault(problem: problem, path: step + path)
    }

    /// A sentence with the place and the problem.
    package var description: String { "result\(path) \(problem)" }

    package static func == (left: ResultFault, right: ResultFault) -> Bool {
        left.description == right.description
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(description) }
}
