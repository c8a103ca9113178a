// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool

/// How each task must end in a world where nothing goes wrong but what the tasks do: known before the run.
struct Prophecy {
    private let scenario: Scenario
    private let hasConcurrent: Bool
    private let hasSilent: Bool
    private let hasTrusted: Bool

    init(_ scenario: Scenario) {
        self.scenario = scenario
        hasConcurrent = scenario.crews.contains { $0.concurrency > 1 }
        hasSilent = scenario.crews.contains(where: \.isSilent)
        hasTrusted = scenario.crews.contains(where: \.isTrusted)
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
        switch plan.deed {
        case .work, .dieAfterAnswer: [.answered]
        case .dieOnReading, .dieHalfway, .dieInAnswer:
            afterDeaths(plan, by: plan.exit.isOutOfMemory ? .outOfMemory : .crashed)
        case .closeOutput: afterDeaths(plan, by: .crashed)
        case .outgrow:
            hasConcurrent
                ? afterDeaths(plan, by: .crashed, .outOfMemory) : afterDeaths(plan, by: .outOfMemory)
        // It is free four times, and taken for a death after that.
        case .leave where plan.relapses == TaskPlan.incurable: [.crashed]
        // Others in the same worker may have left it before.
        case .leave: hasConcurrent ? [.answered, .crashed] : [.answered]
        case .hang: hang(plan)
        // What is printed while the worker is being ended costs nothing, so the answer behind it may count.
        case .chatter where hasConcurrent:
            afterDeaths(plan, by: .crashed).union([.brokeProtocol, .answered])
        case .chatter: [.brokeProtocol, .answered]
        case .babble, .tear:
            hasConcurrent ? afterDeaths(plan, by: .crashed).union([.brokeProtocol]) : [.brokeProtocol]
        }
    }

    /// What becomes of a task that its workers die of.
    private func afterDeaths(_ plan: TaskPlan, by fates: Coverage.Fate...) -> Set<Coverage.Fate> {
        let fates = Set(fates)
        let isCurable = plan.relapses < TaskPlan.incurable
        // Of two kinds of workers each has its own count; the first death of a silent worker is a failed start.
        if hasConcurrent || hasSilent { return isCurable ? fates.union([.answered]) : fates }
        let tries = plan.mayRepeat ? scenario.options.crashRetries + 1 : 1
        return plan.relapses < tries ? [.answered] : fates
    }

    /// What becomes of a task that never ends: it is late, or its worker is wedged, which is as a death.
    private func hang(_ plan: TaskPlan) -> Set<Coverage.Fate> {
        let hasDeadline = scenario.options.taskDeadline != nil && !hasTrusted && !hasConcurrent
        return hasDeadline ? [.late] : afterDeaths(plan, by: .crashed).union([.late])
    }
}
