// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWire

/// The worker's side of the protocol, for workers that process one task after another.
public enum SequentialWorker {
    /// Serves a coordinator over standard input and output, then ends the process.
    ///
    /// Call this function first, on the main thread. The function moves descriptors 0 and 1 away, so that the
    /// output that the handler prints goes to standard error. A second thread reads the coordinator's
    /// messages, returns tasks that the coordinator recalls, and sends beats. The second thread also ends the
    /// process as soon as standard input ends without `drain`. If the process leads its process group, this
    /// thread then kills the whole group with SIGKILL. If the settings have `memory_bytes`, this number of
    /// bytes is the memory limit of the process. Core dumps are off, and a crash is reported in one line on
    /// standard error.
    ///
    /// If standard input is a file, it must hold the lines of a task that `--crash-dir` has kept. The end of
    /// the file then stands for `drain`, and Ctrl-C ends the process. If standard input is a terminal or
    /// empty, the process prints how to run the worker, and ends with status 2.
    ///
    /// The process ends with status 0 after `drain`. It ends with 2 if `memory_bytes` is not a usable limit,
    /// and with 1 after other failures. If `makeHandler` or ``TaskHandler/prepare()`` throws a
    /// `WorkerSetupError`, the process ends with the status of that error.
    ///
    /// - Parameters:
    ///   - name: The worker's name, in its first line and before its messages on standard error.
    ///   - processors: The names of the processors that the worker offers.
    ///   - finish: Called when the worker is drained, after its last task.
    ///   - makeHandler: Creates the handler from the coordinator's settings, the text of a JSON object;
    ///     called once, on the main thread.
    public static func run<Handler: TaskHandler>(
        name: String,
        processors: [String] = [],
        finish: () -> Void = {},
        makeHandler: (_ config: [UInt8]) throws -> Handler
    ) -> Never {
        let opened = WorkerStart.open(name, processors, makeHandler)
        let state = opened.state
        CurrentTask.note(state)
        // Only this thread uses the variable: `MainThread.run` runs its body on this thread.
        nonisolated(unsafe) var handler = opened.handler
        MainThread.run {
            await unsafe WorkerStart.prepare(&handler, name)
            WorkerStart.sayHello(state, name, processors, concurrency: 1)
            if let handler = unsafe handler as? any SynchronousTaskHandler { return serve(state, handler) }
            await unsafe serve(state, &handler)
        }
        finish()
        state.sayBye()
        exit(0)
    }

    @WorkerActor
    private static func serve(_ state: WorkerState, _ handler: inout some TaskHandler) async {
        var writer = JSONWriter()
        var next = state.finish(nil)
        // No variable keeps a task while the loop waits for the next one, because the line of a task may have
        // megabytes.
        while let task = next.take() {
            let seq = task.seq
            do {
                let task = try (consume task).readable
                writer.writeResult(seq, try await handler.handle(consume task))
            } catch {
                writer.writeFailure(seq, TaskFailure(error))
            }
            next = writer.withBytes { state.finish($0) }
            writer.removeAll()
        }
    }

    /// Serves as the `async` function `serve` does, with a handler whose calls are synchronous.
    private static func serve(_ state: WorkerState, _ handler: some SynchronousTaskHandler) {
        var handler = handler
        var writer = JSONWriter()
        var next = state.finish(nil)
        while let task = next.take() {
            let seq = task.seq
            do {
                let task = try (consume task).readable
                writer.writeResult(seq, try handler.handle(consume task))
            } catch {
                writer.writeFailure(seq, TaskFailure(error))
            }
            next = writer.withBytes { state.finish($0) }
            writer.removeAll()
        }
    }
}
