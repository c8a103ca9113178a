// SPDX-License-Identifier: MIT
// fetchpool

import PoolWorker
import PoolWorkerCoding

/// A worker for tests, with tasks that are `Decodable` and results that are `Encodable`.
@main
struct CodableKitWorker: WorkerProgram, CodableTaskHandler {
    struct Order: Decodable, Sendable {
        struct Meta: Decodable, Sendable {
            var prices: [Double]
            var name: String?
        }

        var url: String
        var meta: Meta
    }

    struct Sum: Encodable, Sendable {
        var name: String?
        var sum: Double
    }

    func handle(_ order: Order) throws -> Sum {
        let sum = order.meta.prices.reduce(0, +)
        return Sum(name: order.meta.name, sum: order.url == "nan" ? .nan : sum)
    }
}
