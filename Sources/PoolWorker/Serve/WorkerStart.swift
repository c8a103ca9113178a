// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

/// The start of a worker, up to its first line.
enum WorkerStart {
    /// Sets the process up, reads the coordinator's first line, limits the memory, starts the reading thread,
    /// and makes the handler.
    ///
    /// If one of these steps fails, the process ends.
    static func open<Handler>(
        _ name: String,
        _ processors: [String],
        _ makeHandler: (_ config: [UInt8]) throws -> Handler
    ) -> (state: WorkerState, handler: Handler) {
        WorkerProcessSetup.resetSignals()
        // exec(3) resets a caught signal, but not an ignored signal. With this empty handler, writing to a
        // dead coordinator fails here, and SIGPIPE still ends the programs that a task starts.
        signal(SIGPIPE) { _ in }
        openMissingStandardDescriptors()
        let descriptors = make(name) { try ProtocolDescriptors.steal() }
        // A person who gives the worker a file of tasks as standard input can end the process with Ctrl-C.
        if ManualUse.readsFile(descriptors.input) { signal(SIGINT, SIG_DFL) }
        WorkerProcessSetup.prepareForDeath()
        StrayOutput.writeLineByLine()
        let state = WorkerState(output: descriptors.output)
        var reader = CoordinatorReader(name: name, descriptors: descriptors, state: state)
        let config = reader.readInit(isProcessor: !processors.isEmpty)
        state.openTail()
        make(name) { try WorkerLimits(config: config).apply() }
        guard ReadingThread.start(reader) else {
            leave(name, "cannot start a thread: \(lastSystemError())")
        }
        return (state, make(name) { try makeHandler(config) })
    }

    private static func make<Handler>(_ name: String, _ makeHandler: () throws -> Handler) -> Handler {
        do {
            return try makeHandler()
        } catch {
            leave(name, error)
        }
    }

    /// Prepares the handler; if the handler throws an error, prints the error and ends the process.
    @WorkerActor
    static func prepare(_ handler: inout some TaskHandler, _ name: String) async {
        do {
            try await handler.prepare()
        } catch {
            leave(name, error)
        }
    }

    /// Writes the worker's first line.
    static func sayHello(_ state: WorkerState, _ name: String, _ processors: [String], concurrency: Int) {
        state.sayHello(
            Hello(
                pid: Int(getpid()),
                name: name,
                concurrency: concurrency,
                processors: processors,
                isSelfLimiting: true
            )
        )
    }

    private static func leave(_ name: String, _ error: any Error) -> Never {
        let setup = error as? WorkerSetupError
        leave(name, setup?.message ?? String(describing: error), status: setup?.exitStatus ?? 1)
    }

    private static func leave(_ name: String, _ reason: String, status: Int32 = 1) -> Never {
        standardErrorSays(name, reason)
        exit(status)
    }
}
