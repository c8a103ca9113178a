// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The number of times that each event has occurred, in one world or in many.
struct RunTally: Sendable {
    /// The events other than behaviours of tasks, failed starts and outcomes.
    enum Event: String, CaseIterable {
        case firstSignal, secondSignal, outsideKill, suspension, stall, spoolFull, spoolAtLimit, outputFull
        case givenUp, cameBack
        case cookie, toldCookies
        case retriedProcessing, refetched, foreignResult, noise, segmentRemoved, segmentReused,
            recalled
        case tooManyFailures, deadline
        case blockedOutput, brokenOutput, readerLeft, brokenInput, endlessInput, slowInput, cannotStart,
            stuckSpool
    }

    private(set) var counts: [String: Int] = [:]
    private(set) var seeds = 0
    var records = 0
    var turns = 0

    mutating func note(_ event: Event) { counts["event " + event.rawValue, default: 0] += 1 }
    mutating func note(_ behavior: Behavior) { counts["behavior " + behavior.rawValue, default: 0] += 1 }
    mutating func note(_ boot: Nature.Boot) { counts["boot " + boot.rawValue, default: 0] += 1 }
    mutating func note(_ outcome: Outcome) { counts["outcome " + outcome.rawValue, default: 0] += 1 }

    mutating func endSeed() { seeds += 1 }

    mutating func add(_ other: RunTally) {
        counts.merge(other.counts) { $0 + $1 }
        (seeds, records, turns) = (seeds + other.seeds, records + other.records, turns + other.turns)
    }

    /// The names of all events that must occur.
    static let names: [String] =
        Event.allCases.map { "event " + $0.rawValue }
        + Behavior.allCases.filter { $0 != .work }.map { "behavior " + $0.rawValue }
        + Nature.Boot.allCases.filter { $0 != .good }.map { "boot " + $0.rawValue }
        + [Outcome.ok, .httpError, .fetchError, .processError, .workerCrash, .timeout, .invalid, .cancelled]
        .map { "outcome " + $0.rawValue }
}
