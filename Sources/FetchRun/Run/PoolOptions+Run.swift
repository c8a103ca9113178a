// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import ProcessPool

extension PoolOptions {
    /// What the fetch pool of a run is told.
    init(fetching settings: RunSettings, _ parts: RunEnvironment) {
        self.init(workers: parts.fetchWorkers)
        commands = parts.fetchCommands.count
        startsAll = settings.startsAllWorkers
        seed = parts.seed &+ 1
        startDeadline = PoolTime.Milliseconds(settings.startDeadline.wholeMilliseconds)
        // The spool is written by our own fetch workers alone.
        heedsFullSpool = settings.workerCommands.isEmpty
        trustedNames = ["fetchpool", "fetchpool-fetch"]
        crashRetries = settings.crashRetries
        // What waits in a worker would be asked of its host although that may have to be left alone meanwhile.
        sendsAhead = settings.hostRules.map { !$0.limitsHosts } ?? true
        waitsForAffinity = settings.hostRules?.rate == nil
        if !settings.workerCommands.isEmpty { limitWorkers(settings) }
    }

    /// What the processing pool of a run is told.
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

    /// The limits of a worker that runs more than our own fetching.
    private mutating func limitWorkers(_ settings: RunSettings) {
        taskDeadline = PoolTime.Milliseconds(settings.taskDeadline.wholeMilliseconds)
        tasksPerLife = settings.tasksPerWorker
        memoryLimitKB = settings.workerMemoryBytes.map { $0 / 1_024 }
    }
}
