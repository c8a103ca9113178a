// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWorker

extension ProcessPoolExecutor {
    /// Serves as a worker if this process was started as one; otherwise returns.
    ///
    /// Call this function at the top of `main`, because each worker also runs the code before this call.
    ///
    ///     @main
    ///     struct Program {
    ///         static func main() async throws {
    ///             ProcessPoolExecutor.serveIfWorker(double)
    ///             …
    ///
    /// In a worker, this function never returns. The served functions may create pools of their own. A worker
    /// has the environment of this program, but not the program's command-line arguments.
    ///
    /// - Parameters:
    ///   - functions: All functions that are submitted to pools whose workers run this program. Their names
    ///     must differ.
    ///   - initialize: Called once in each worker before the first task. If `initialize` throws, the worker
    ///     cannot start. If no worker can start, the error's description is in
    ///     ``ProcessPoolError/cannotStartWorkers(stderr:)``.
    ///   - finish: Called after the last task of a worker that the pool asks to exit. If the process still
    ///     runs five seconds after this request, the pool ends it. `finish` is not called if the worker dies
    ///     or is ended by a signal.
    public static func serveIfWorker<each Input, each Output>(
        _ functions: repeat WorkerFunction<each Input, each Output>,
        initialize: () throws -> Void = {},
        finish: () -> Void = {}
    ) {
        ServeCall.note()
        guard WorkerMark.isSet else { return }
        WorkerMark.remove()
        Launcher.restoreEnvironment()
        var served: [FunctionHandler.Served] = []
        for function in repeat each functions {
            guard !served.contains(where: { $0.name == function.name }) else {
                standardErrorSays("worker", "two functions have the name '\(function.name)'; rename one")
                exit(1)
            }
            served.append(
                FunctionHandler.Served(name: function.name, prefix: function.prefix, call: function.call)
            )
        }
        let handler = FunctionHandler(functions: served)
        SequentialWorker.run(name: "worker", finish: finish) { _ in
            try initialize()
            return handler
        }
    }

    /// Ends this process if it is a worker that has not begun to serve.
    ///
    /// Without this check, each worker would create a pool, whose workers would create pools too, without
    /// end.
    static func refuseInWorkers() {
        guard WorkerMark.isSet else { return }
        standardErrorSays(
            "worker",
            "the program creates a pool before it serves as a worker; call ProcessPoolExecutor.serveIfWorker at its top"
        )
        _exit(1)
    }
}
