// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

extension Bench {
    /// The numbers of tasks, at scale 1, in the runs whose costs per task are compared.
    static let growth = [10_000, 100_000, 2_000_000]

    /// Returns the name of the contender that has `count` tasks at scale 1.
    static func growthName(_ count: Int) -> String {
        "fetchpool, \(Figure.grouped(count)) \(count == 1 ? "task" : "tasks")"
    }

    /// Makes the contenders that fetch and process a small page, once or many times.
    func growth() throws -> [Contender] {
        let page = "data:text/html,%3Ca%20href=https://example.com/x%3Ex%3C/a%3E"
        return try ([1] + Self.growth).map { number in
            let count = number == 1 ? 1 : count(number)
            let list = try folder.write(Array(repeating: page, count: count), to: "growth-\(number)")
            var contender = ours(
                .growth,
                Self.growthName(number),
                ["--workers", "2", "--per-host", "0", "--processor", "links", "--input", list]
            )
            contender.repetitions = number < 100_000 ? 5 : 1
            return contender
        }
    }
}
