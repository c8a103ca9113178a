// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWire

/// The worker's side of the protocol, for workers that work on several tasks at the same time.
public enum ConcurrentWorker {
    /// The highest concurrency that a coordinator uses.
    private static let mostConcurrency = 10_000

    /// Serves a coordinator over standard input and output, then ends the process.
    ///
    /// The function does what ``SequentialWorker/run(name:processors:finish:makeHandler:)`` does, with these
    /// differences. Up to `concurrency` calls of the handler run at the same time. The worker sends `start`
    /// for each task before the task begins. The task's deadline runs from this message. A `cancel` for a
    /// task that has begun cancels the Swift task that runs the handler.
    ///
    /// - Parameters:
    ///   - name: The worker's name, in its first line and before its messages on standard error.
    ///   - concurrency: The number of tasks to work on at the same time, from 1 to 10,000. Another number
    ///     ends the process with status 2.
    ///   - processors: The names of the processors that the worker offers.
    ///   - finish: Called when the worker is drained, after its last task.
    ///   - makeHandler: Creates the handler from the coordinator's settings, the text of a JSON object;
    ///     called once, on the main thread.
    public static func run<Handler: ConcurrentTaskHandler>(
        name: String,
        concurrency: Int,
        processors: [String] = [],
        finish: () -> Void = {},
        makeHandler: (_ config: [UInt8]) throws -> Handler
    ) -> Never {
        guard 1...mostConcurrency ~= concurrency else {
            let sentence = "a worker works on 1 to \(mostConcurrency) tasks at once, not \(concurrency)"
            standardErrorSays(name, sentence)
            exit(2)
        }
        let opened = WorkerStart.open(name, processors, makeHandler)
        // Only this thread uses the variable: `MainThread.run` runs its body on this thread.
        nonisolated(unsafe) var handler = opened.handler
        MainThread.run { await unsafe WorkerStart.prepare(&handler, name) }
        WorkerStart.sayHello(opened.state, name, processors, concurrency: concurrency)
        serve(opened.state, unsafe handler, concurrency)
        finish()
        opened.state.sayBye()
        exit(0)
    }

    private static func serve(
        _ state: WorkerState,
        _ handler: some ConcurrentTaskHandler,
        _ concurrency: Int
    ) {
        while let begun = state.beginTasks(upTo: concurrency) {
            for held in begun {
                let task = Task.detached { state.end(held.seq, result: await result(of: held, by: handler)) }
                state.note(task, seq: held.seq)
            }
        }
    }

    /// Works on a task, and returns its result message as a complete line.
    private static func result(
        of held: HeldTask,
        by handler: some ConcurrentTaskHandler
    ) async -> [UInt8] {
        var writer = JSONWriter()
        do {
            writer.writeResult(held.seq, try await handler.handle(held.readable))
        } catch {
            writer.writeFailure(held.seq, TaskFailure(error))
        }
        return writer.take()
    }
}
