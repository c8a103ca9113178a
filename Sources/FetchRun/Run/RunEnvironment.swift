// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Glibc
import Platform
import PoolWire
package import ProcessPool
package import Spool

/// The files, programs and clocks of a run.
///
/// Most paths are checked before any worker starts, so that a run with a wrong path fetches nothing.
package struct RunEnvironment {
    let host: any LoopHost
    let signals: () -> SignalWatch.Signals
    /// Returns true once two signals have come, or 10 s after the first.
    ///
    /// The result is always false in a simulation.
    let mustLeave: () -> Bool
    let console: Console
    let port: any RunPort
    let fetchWorkers: Int
    let fetchCommands: [WorkerCommand]
    let processCommand: WorkerCommand?
    let processorName: String
    let spool: RunSpool?
    let crashFolder: CrashFolder?
    var reports = RunReports()
    /// The page about the run; `nil` for none.
    var page: RunPage?
    /// The file of `--cookie-jar`; `nil` for none.
    ///
    /// There is one value for the whole run, because a name such as `/dev/fd/3` leads to no file any more
    /// once its file has been replaced.
    var cookieJar: WholeFile?
    /// True if the run updates the progress display.
    let showsProgress: Bool
    /// The time between two lines about the progress, in milliseconds; `nil` for none.
    var logInterval: PoolTime.Milliseconds?
    /// Returns true if the run must show its progress, because SIGUSR1 came since the last call.
    ///
    /// The result is always false in a simulation and in a child coordinator.
    var isAsked: () -> Bool = { false }
    /// Returns the time for records, in milliseconds since 1970-01-01T00:00:00Z; in a simulation, since its
    /// start.
    var clock: () -> Int = RecordTime.now
    /// The seed of the random numbers for waits and for `seq`.
    var seed = UInt64.random(in: .min ... .max)
    /// The counts of the tasks of earlier runs, and the number of tasks that were passed over.
    ///
    /// The value is `nil` if the run is not resumed, in a simulation and in a child coordinator.
    var resumed: ResumedInput.Progress?
    /// The meter of the bytes that were read from the input.
    ///
    /// The value is `nil` in a simulation and in a child coordinator.
    var inputMeter: InputMeter?
    /// Returns the number of all tasks of the run; `nil` if it is not known.
    ///
    /// Tasks that the run has passed over because of `--resume` do not count.
    let totalLines: () -> Int?

    /// True if the user sees the progress without asking for it.
    var isWatched: Bool { showsProgress || logInterval != nil }

    /// Creates an environment for a simulation, whose `host` starts simulated workers.
    ///
    /// `startInput` is called once the pools exist; from then on the caller fills `input`.
    package init(
        _ settings: RunSettings,
        host: any LoopHost,
        signals: @escaping () -> SignalWatch.Signals,
        input: InputQueue,
        startInput: @escaping () -> Void,
        output: any RecordOutput,
        fetchCommands: [WorkerCommand],
        processCommand: WorkerCommand?,
        spool: (folder: any SpoolFolder, limit: Int)?,
        seed: UInt64
    ) {
        self.seed = seed
        // Records get the time of `host`, so that runs with the same seed write the same records.
        clock = { host.realTime / 1_000_000 }
        (self.host, self.signals, console) = (host, signals, Console())
        port = FilePort(input: input, output: output, startReading: startInput)
        (fetchWorkers, self.fetchCommands) = (settings.fetcherCount, fetchCommands)
        (self.processCommand, processorName) = (processCommand, Self.processorName(settings))
        self.spool = spool.map {
            RunSpool(
                $0.folder,
                limit: $0.limit,
                workers: settings.fetcherCount,
                keepsSpares: settings.workerCommands.isEmpty
            )
        }
        mustLeave = { false }
        (crashFolder, showsProgress, totalLines) = (nil, settings.progress == .on, { nil })
    }
}

extension RunEnvironment {
    /// Opens the files and finds the programs that `settings` name.
    ///
    /// - Throws: `RunError` if a file or a program cannot be used; the message names the file, the program or
    ///   the option.
    init(
        _ settings: RunSettings,
        _ wake: WakePipe,
        _ console: Console,
        _ link: UpstreamPort.Link?
    ) throws(RunError) {
        let programs = WorkerPrograms(folder: settings.programFolder)
        host = KernelHost(wake: wake, launcher: programs.launcher)
        // A child coordinator ignores SIGINT (`WorkerProcessSetup.resetSignals`).
        signals = { SignalWatch.signals }
        mustLeave = { SignalWatch.isPatienceOver }
        self.console = console
        let queue = InputQueue.forInput()
        if let link {
            let pipe = OutputThread.Target(name: "the pipe", descriptor: link.output, isFile: false)
            port = UpstreamPort(
                input: queue,
                output: OutputThread(pipe, wake: wake),
                concurrency: settings.fetcherCount * settings.fetch.concurrency,
                isRemote: link.input.isRemote,
                startReading: { link.input.start(into: queue, wake: wake) }
            )
            (showsProgress, totalLines) = (false, { nil })
        } else {
            isAsked = { SignalWatch.takeStatusRequest() }
            try NamedFiles.check(settings)
            let names = settings.inputs.isEmpty && settings.urls.isEmpty ? ["-"] : settings.inputs
            var sources: [InputThread.Source] = []
            for name in names {
                var source = try InputThread.Source.open(name)
                source.table = settings.inputFormat.table(in: name)
                sources.append(source)
            }
            let resume = settings.output.flatMap { output in
                settings.resumes
                    ? InputThread.Resume(
                        output: output,
                        retriesFailures: settings.retriesFailures,
                        idsAreTexts: settings.writesTexts
                    ) : nil
            }
            resumed = resume?.progress
            let input = InputThread(
                urls: settings.urls,
                sources: sources,
                defaultScheme: settings.defaultScheme,
                columns: settings.columns,
                choosing: InputSelection.Rules(
                    shard: settings.shard,
                    limit: settings.inputLimit,
                    dedupes: settings.dedupes
                ),
                resuming: resume,
                records: settings.inputFormat == .records ? settings.recordChoice : nil,
                idsAreTexts: settings.writesTexts,
                into: queue,
                wake: wake
            )
            let target = try Self.target(settings)
            page = settings.reportFile.map {
                RunPage($0, output: settings.output, resumes: settings.resumes)
            }
            // If the records go to the terminal of the progress display, they would mix with the display. So
            // the display is removed while records are written.
            let isShared = console.isTerminal && Terminal.isSame(target.descriptor, 2)
            port = FilePort(
                input: queue,
                output: OutputThread(target, wake: wake, page: page, aside: isShared ? console : nil),
                startReading: { input.start() }
            )
            showsProgress = console.isTerminal
            inputMeter = input.meter
            let isLogged =
                !showsProgress
                && (settings.progress == .on || settings.progress == .auto && !settings.isQuiet)
            logInterval = isLogged ? PoolTime.Milliseconds(settings.logInterval.wholeMilliseconds) : nil
            // With `--shard`, and with an input of tables or records, the number of lines can differ from the
            // number of tasks.
            let isPart =
                settings.shard != nil || settings.inputFormat == .records
                || sources.contains { $0.table != nil }
            let counter =
                (showsProgress || isLogged) && !isPart
                ? LineCounter(files: names, plus: settings.urls.count) : nil
            let limit = settings.inputLimit ?? .max
            totalLines = { counter?.total.map { min($0 - (resume?.progress.passed ?? 0), limit) } }
        }
        fetchCommands = try Self.fetchCommands(settings, programs)
        fetchWorkers = settings.fetcherCount
        processCommand = try Self.processCommand(settings, programs)
        processorName = Self.processorName(settings)
        crashFolder = try settings.crashDirectory.map(CrashFolder.init)
        reports = try RunReports(
            stats: settings.statsFile,
            metrics: settings.metricsFile,
            output: settings.output
        )
        cookieJar = settings.fetch.cookieJar.map { WholeFile($0, mode: 0o600) }
        if let name = settings.fetch.cookieJar, let reason = cookieJar?.refusal {
            throw .io("cannot write --cookie-jar '\(name)': \(reason)")
        }
        do throws(SpoolError) {
            spool =
                settings.processes
                ? try RunSpool(
                    in: settings.spoolDirectory,
                    limit: settings.spoolLimit,
                    workers: settings.fetcherCount,
                    keepsSpares: settings.workerCommands.isEmpty
                ) : nil
        } catch {
            throw .io(error.description)
        }
        if link != nil, let directory = spool?.directory as? SpoolDirectory {
            AbandonedSpools.keepInMind(directory)
        }
    }

    private static func target(_ settings: RunSettings) throws(RunError) -> OutputThread.Target {
        guard let name = settings.output else { return .standardOutput }
        return try OutputThread.Target.open(name, resumes: settings.resumes, syncs: settings.syncsOutput)
    }

    private static func fetchCommands(
        _ settings: RunSettings,
        _ programs: WorkerPrograms
    ) throws(RunError) -> [WorkerCommand] {
        guard !settings.workerCommands.isEmpty else { return [try programs.bundled("fetchpool-fetch")] }
        var commands: [WorkerCommand] = []
        let hosts = settings.workerHosts
        for (index, words) in settings.workerCommands.enumerated() {
            var command = try programs.command(
                words,
                option: hosts.isEmpty ? "--worker" : "--hosts",
                memoryBytes: settings.workerMemoryBytes
            )
            if !hosts.isEmpty {
                (command.host, command.coordinatorVersion) = (hosts[index], ProductVersion.text)
            }
            commands.append(command)
        }
        return commands
    }

    private static func processCommand(
        _ settings: RunSettings,
        _ programs: WorkerPrograms
    ) throws(RunError) -> WorkerCommand? {
        switch settings.processing {
        case .bundled: try programs.bundled("fetchpool-process")
        case .command(let words):
            try programs.command(words, option: "--exec", memoryBytes: settings.workerMemoryBytes)
        case nil: nil
        }
    }

    private static func processorName(_ settings: RunSettings) -> String {
        switch settings.processing {
        case .bundled(let name): name
        case .command(let words): words.first.map { ($0 as NSString).lastPathComponent } ?? ""
        case nil: ""
        }
    }
}
