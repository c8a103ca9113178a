// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool

/// The ends that each task may have in a world in which only tasks cause faults.
///
/// These ends are known before the run.
struct Prophecy {
    private let scenario: Scenario
    /// True if some workers are concurrent or trusted.
    ///
    /// The end of a trusted worker may count like the end of a concurrent worker.
    private let hasConcurrent: Bool
    /// True if some workers are child coordinators, which end tasks by themselves.
    private let hasCoordinators: Bool
    /// True if some tasks can give an incomplete result, or an unusable result without the task's number.
    ///
    /// Such a result does not always end its task at once.
    private let hasMumblers: Bool

    init(_ scenario: Scenario) {
        self.scenario = scenario
        hasConcurrent = scenario.crews.contains { $0.concurrency > 1 || $0.isTrusted }
        hasCoordinators = scenario.crews.contains(where: \.isCoordinator)
        hasMumblers = scenario.tasks.contains { $0.behavior == .mumble || $0.behavior == .tear }
    }

    /// Throws an error if a task has not ended, or has not ended as required.
    ///
    /// If something other than the task itself may have affected the task, each end is allowed.
    func check(_ witness: Witness) throws(Failure) {
        for (token, plan) in scenario.tasks.enumerated() {
            let (fate, isHarmed) = witness.fate(of: token)
            guard let fate else { throw Failure("task \(token) has no end") }
            guard !isHarmed else { continue }
            let fates = fates(of: plan)
            try require(
                fates.contains(fate),
                "task \(token) with the behaviour \(plan.behavior) has ended as \(fate), not as one of \(fates)"
            )
        }
    }

    /// Returns the possible ends of a task.
    private func fates(of plan: TaskPlan) -> Set<Coverage.Fate> {
        let fates = fatesOfDeed(plan)
        // Sometimes the pool does not know which task ended a worker. A task that must not be repeated can
        // then be lost.
        return plan.mayRepeat || fates == [.completed] ? fates : fates.union([.lost])
    }

    private func fatesOfDeed(_ plan: TaskPlan) -> Set<Coverage.Fate> {
        switch plan.behavior {
        case .work, .dieAfterResult, .chatter: [.completed]
        case .dieOnReading, .dieHalfway, .dieInResult:
            afterDeaths(plan, by: plan.exit.isOutOfMemory ? .outOfMemory : .crashed)
        case .closeOutput: afterDeaths(plan, by: .crashed)
        case .outgrow: afterDeaths(plan, by: .outOfMemory)
        // After a `bye`, an exit counts as a crash only if `failedStartLimit` workers have left the task, and
        // none of these workers had sent a result.
        case .leave where plan.relapses == TaskPlan.incurable: [.crashed]
        // In a concurrent worker, earlier exits because of other tasks count too.
        case .leave: hasConcurrent ? [.completed, .crashed] : [.completed]
        case .hang(isFrozen: false) where hasCoordinators: [.late, .completed]
        case .hang: plan.relapses == TaskPlan.incurable ? [.late] : [.late, .completed]
        // Another task may have ended the worker during an attempt of this task. The next attempt can then
        // succeed.
        case .babble:
            (hasConcurrent || hasMumblers) && plan.relapses < TaskPlan.incurable
                ? [.brokeProtocol, .completed] : [.brokeProtocol]
        // The unusable result does not always identify its task. In that case, the next line, the next death
        // or the deadline identifies the task.
        case .mumble, .tear:
            plan.relapses < TaskPlan.incurable
                ? [.brokeProtocol, .late, .crashed, .outOfMemory, .completed]
                : [.brokeProtocol, .late, .crashed, .outOfMemory]
        case .flood: afterDeaths(plan, by: .brokeProtocol)
        }
    }

    /// Returns the possible ends of a task that kills its workers.
    private func afterDeaths(_ plan: TaskPlan, by fates: Coverage.Fate...) -> Set<Coverage.Fate> {
        let tries = plan.mayRepeat ? scenario.options.crashRetries + 1 : 1
        // If all workers are sequential and untrusted, each death that the task causes costs it one try. So
        // the task completes if it has more tries than relapses.
        if !hasConcurrent, plan.relapses < tries { return [.completed] }
        // Some of the deaths may have been blamed on another task, or on no task. Then this task may succeed,
        // unless it is incurable.
        return plan.relapses == TaskPlan.incurable ? Set(fates) : Set(fates).union([.completed])
    }
}
