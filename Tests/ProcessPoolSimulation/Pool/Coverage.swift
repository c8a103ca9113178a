// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool

/// How often each event met a worker in each phase.
struct Coverage: Sendable {
    /// What a worker can do, as its pool is told of it.
    enum Event: String, CaseIterable {
        case hello, otherVersion, start, returned, beat, other, garbage, fatalGarbage, bye, outputClosed
        case answer, voidAnswer, cleanEnd, badEnd, spawnFailed, outgrew
    }

    private var counts = [Int](repeating: 0, count: Event.allCases.count * WorkerPhase.allCases.count)

    mutating func note(_ event: Event, _ phase: WorkerPhase) {
        counts[Self.index(event, phase)] += 1
    }

    mutating func add(_ other: Coverage) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    func count(_ event: Event, _ phase: WorkerPhase) -> Int { counts[Self.index(event, phase)] }

    private static func index(_ event: Event, _ phase: WorkerPhase) -> Int {
        let row = Event.allCases.firstIndex(of: event) ?? 0
        return row * WorkerPhase.allCases.count + (WorkerPhase.allCases.firstIndex(of: phase) ?? 0)
    }

    /// Why a pair cannot occur; `nil` if it can.
    static func reasonAgainst(_ event: Event, _ phase: WorkerPhase) -> String? {
        switch (event, phase) {
        case (_, .gone): "a worker is buried when its output was read to the end, and nothing comes after"
        case (.spawnFailed, .ready), (.spawnFailed, .draining), (.spawnFailed, .stopping):
            "it comes in the turn of the start"
        case (.answer, .draining): "a worker is told to leave when it has answered all it had"
        case (.outgrew, .starting), (.outgrew, .draining), (.outgrew, .stopping):
            "the memory of a worker is looked at while it has a task in hand and is not being ended"
        default: nil
        }
    }

    /// The pairs that can occur and did so less often than `least`.
    func gaps(least: Int) -> [String] {
        var gaps: [String] = []
        for event in Event.allCases {
            for phase in WorkerPhase.allCases
            where Self.reasonAgainst(event, phase) == nil && count(event, phase) < least {
                gaps.append("\(event.rawValue) × \(phase.rawValue): \(count(event, phase))")
            }
        }
        return gaps
    }

    /// A table for people; `·` where a pair cannot occur.
    var table: String {
        let phases = WorkerPhase.allCases.filter { $0 != .gone }
        var lines = [Self.row("event", phases.map(\.rawValue))]
        for event in Event.allCases {
            let cells = phases.map { phase in
                let count = count(event, phase)
                return Self.reasonAgainst(event, phase) != nil && count == 0 ? "·" : "\(count)"
            }
            lines.append(Self.row(event.rawValue, cells))
        }
        return lines.joined(separator: "\n")
    }

    private static func row(_ name: String, _ cells: [String]) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return name + String(repeating: " ", count: 14 - name.count) + cells.map { padded($0, 12) }.joined()
    }
}
