// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool

/// How each task must end in a world where nothing goes wrong but what the tasks do: known before the run.
struct Prophecy {
    private let scenario: Scenario
    private let hasConcurrent: Bool
    /// True if some answers are spoilt in a way that does not tell whose they were, which later ones then have to wait for.
    private let hasMumblers: Bool

    init(_ scenario: Scenario) {
        self.scenario = scenario
        hasConcurrent = scenario.crews.contains { $0.concurrency > 1 }
        hasMumblers = scenario.tasks.contains { $0.deed == .mumble || $0.deed == .tear }
    }

    /// Fails where a task that nothing else had a hand in has not ended as it must.
    func check(_ witness: Witness) throws(Failure) {
        for (token, plan) in scenario.tasks.enumerated() {
            let (fate, isHarmed) = witness.fate(of: token)
            guard let fate else { throw Failure("task \(token) has no end") }
            guard !isHarmed else { continue }
            let fates = fates(of: plan)
            try require(
                fates.contains(fate),
                "task \(token), which is to \(plan.deed), has ended as \(fate), not as \(fates)"
            )
        }
    }

    /// The ways to end that are open to a task.
    private func fates(of plan: TaskPlan) -> Set<Coverage.Fate> {
        let fates = fatesOfDeed(plan)
        // One that dies with another's worker may be lost.
        return plan.mayRepeat || fates == [.answered] ? fates : fates.union([.lost])
    }

    private func fatesOfDeed(_ plan: TaskPlan) -> Set<Coverage.Fate> {
        switch plan.deed {
        case .work, .dieAfterAnswer, .chatter: [.answered]
        case .dieOnReading, .dieHalfway, .dieInAnswer:
            afterDeaths(plan, by: plan.exit.isOutOfMemory ? .outOfMemory : .crashed)
        case .closeOutput: afterDeaths(plan, by: .crashed)
        case .outgrow: afterDeaths(plan, by: .outOfMemory)
        // It is free four times, and taken for a death after that.
        case .leave where plan.relapses == TaskPlan.incurable: [.crashed]
        // Others in the same worker may have left it before.
        case .leave: hasConcurrent ? [.answered, .crashed] : [.answered]
        case .hang: plan.relapses == TaskPlan.incurable ? [.late] : [.late, .answered]
        // Beside another's death or leaving it may have been begun in vain, and so be cured.
        case .babble:
            (hasConcurrent || hasMumblers) && plan.relapses < TaskPlan.incurable
                ? [.brokeProtocol, .answered] : [.brokeProtocol]
        // Nobody knows yet whose answer it was to be: the next line tells, or the next death, or the deadline.
        case .mumble, .tear:
            plan.relapses < TaskPlan.incurable
                ? [.brokeProtocol, .late, .crashed, .outOfMemory, .answered]
                : [.brokeProtocol, .late, .crashed, .outOfMemory]
        case .flood: afterDeaths(plan, by: .brokeProtocol)
        }
    }

    /// What becomes of a task that its workers die of.
    private func afterDeaths(_ plan: TaskPlan, by fates: Coverage.Fate...) -> Set<Coverage.Fate> {
        let tries = plan.mayRepeat ? scenario.options.crashRetries + 1 : 1
        // Of two kinds of workers each has its own count.
        if !hasConcurrent, plan.relapses < tries { return [.answered] }
        // Some of its deaths may have counted as another's, or as nobody's.
        return plan.relapses == TaskPlan.incurable ? Set(fates) : Set(fates).union([.answered])
    }
}
