// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import ProcessPool

extension PoolOptions {
    /// Creates the options of a run's fetch pool.
    init(fetching settings: RunSettings, _ parts: RunEnvironment) {
        self.init(workers: parts.fetchWorkers)
        commands = parts.fetchCommands.count
        startsAll = settings.startsAllWorkers
        seed = parts.seed &+ 1
        startDeadline = PoolTime.Milliseconds(settings.startDeadline.wholeMilliseconds)
        // Only the bundled fetch workers write to the spool.
        respectsFullSpool = settings.workerCommands.isEmpty
        trustedNames = ["fetchpool", "fetchpool-fetch"]
        crashRetries = settings.crashRetries
        // With limits per host, a worker gets only tasks that it can begin at once. A task that waited in the
        // worker would begin even if the host had asked for a pause meanwhile.
        sendsAhead = settings.hostRules.map { !$0.limitsHosts } ?? true
        waitsForAffinity = settings.hostRules?.rate == nil
        keepsAffinity = settings.fetch.keepsCookies
        // A command of the user can run its worker on another machine.
        workersAreRemote = !settings.workerCommands.isEmpty
        startsMachines = !settings.workerHosts.isEmpty
        if startsMachines {
            // `limitWorkers` is not called, because the coordinators on the machines limit their own workers.
            startsAll = true
        } else if !settings.workerCommands.isEmpty {
            limitWorkers(settings)
        }
    }

    /// Creates the options of a run's processing pool.
    init(processing settings: RunSettings, _ parts: RunEnvironment) {
        self.init(workers: settings.processorCount)
        startsAll = settings.startsAllWorkers
        seqOffset = 1
        seed = parts.seed &+ 2
        startDeadline = PoolTime.Milliseconds(settings.startDeadline.wholeMilliseconds)
        crashRetries = settings.crashRetries
        keepsSpare = true
        limitWorkers(settings)
    }

    /// Sets the limits of time, tasks and memory for processing workers and for the user's fetch workers.
    private mutating func limitWorkers(_ settings: RunSettings) {
        taskDeadline = PoolTime.Milliseconds(settings.taskDeadline.wholeMilliseconds)
        tasksPerLife = settings.tasksPerWorker
        memoryLimitKB = settings.workerMemoryBytes.map { $0 / 1_024 }
    }
}
