// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Frontier

/// A generator of the host of each task, in the order of the input.
///
/// The numbers of tasks of the hosts follow Zipf's law, up to `CrawlPlan.mostTasksPerHost`.
struct HostSizes {
    /// A cell of the alias table (Walker 1977, Vose 1991).
    ///
    /// A draw selects a cell, and then one of the cell's two hosts: its own host, whose number is the index
    /// of the cell, or the host `alias`.
    private struct Cell {
        /// The share of the cell's draws that select its own host, multiplied by 2^32.
        var own: UInt32
        var alias: UInt32
    }

    private let plan: CrawlPlan
    private let shares: [Double]
    private var cells: [Cell] = []
    private var read = 0
    /// The current place in sorted order, and the sum of the shares up to and including this place.
    ///
    /// The place is -1 before the first task. If the order of the plan is random, the place stays -1.
    private var (place, sum) = (-1, 0.0)

    init(_ plan: CrawlPlan) {
        self.plan = plan
        shares = Self.shares(plan)
        if plan.order == .random { cells = Self.cells(shares) }
    }

    /// Returns the host of the next task; `nil` after the last task.
    mutating func next(using random: inout SplitMix64) -> Int? {
        guard read < plan.tasks else { return nil }
        read += 1
        guard plan.order == .sorted else {
            let number = random.next()
            // The upper half selects the cell, and the lower half selects one of its two hosts.
            let cell = Int(((number >> 32) &* UInt64(cells.count)) >> 32)
            return UInt32(truncatingIfNeeded: number) < cells[cell].own ? cell : Int(cells[cell].alias)
        }
        while place < 0 || place < plan.hosts - 1 && Double(read) > (sum * Double(plan.tasks)).rounded() {
            place += 1
            sum += shares[host(at: place)]
        }
        return host(at: place)
    }

    /// Returns the host at a place of the sorted order; the order is a permutation of all hosts.
    private func host(at place: Int) -> Int {
        // The factor is the prime 2^31 - 1. The number of hosts is less than this prime, so the two numbers
        // have no common divisor.
        (place &* 2_147_483_647 &+ plan.hosts / 2) % plan.hosts
    }

    /// Returns the share of each host in the tasks; the sum is 1.
    static func shares(_ plan: CrawlPlan) -> [Double] {
        var shares = (1...plan.hosts).map { pow(Double($0), -plan.exponent) }
        let bound = plan.mostTasksPerHost > 0 ? Double(plan.mostTasksPerHost) / Double(plan.tasks) : 1
        // If the bound lowers some shares, the other shares rise, and more of them may reach the bound.
        for _ in 0..<50 {
            let sum = shares.reduce(0, +)
            shares = shares.map { min($0 / sum, max(bound, 1 / Double(plan.hosts))) }
        }
        let sum = shares.reduce(0, +)
        return shares.map { $0 / sum }
    }

    private static func cells(_ shares: [Double]) -> [Cell] {
        var rest = shares.map { $0 * Double(shares.count) }
        var cells = shares.indices.map { Cell(own: .max, alias: UInt32($0)) }
        var small = rest.indices.filter { rest[$0] < 1 }
        var large = rest.indices.filter { rest[$0] >= 1 }
        while let low = small.popLast(), let high = large.last {
            cells[low] = Cell(own: UInt32(rest[low] * 0x1p32), alias: UInt32(high))
            rest[high] -= 1 - rest[low]
            guard rest[high] < 1 else { continue }
            large.removeLast()
            small.append(high)
        }
        return cells
    }
}
