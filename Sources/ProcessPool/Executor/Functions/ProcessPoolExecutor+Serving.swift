// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWorker

extension ProcessPoolExecutor {
    /// Serves as a worker if this process was started as one; otherwise returns at once.
    ///
    /// Call it first in the program, before it reads its arguments or starts anything, because each worker
    /// runs the program from its beginning up to this call:
    ///
    ///     @main
    ///     struct Program {
    ///         static func main() async throws {
    ///             ProcessPoolExecutor.serveIfWorker(double)
    ///             …
    ///
    /// In a worker it never returns. The worker ends when its pool ends it or is gone. It may create pools of
    /// its own in its functions.
    ///
    /// - Parameters:
    ///   - functions: All functions that pools of this program submit; their names differ.
    ///   - initialize: Called once in each worker before its first task. If it throws, the worker cannot
    ///     start, and the error's description is in ``ProcessPoolError/cannotStartWorkers(stderr:)``.
    ///   - finish: Called once in each worker that ends because it is no longer needed, after its last task;
    ///     not if the worker dies or is killed.
    public static func serveIfWorker<each Input, each Output>(
        _ functions: repeat WorkerFunction<each Input, each Output>,
        initialize: () throws -> Void = {},
        finish: () -> Void = {}
    ) {
        guard WorkerMark.isSet else { return }
        WorkerMark.remove()
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
    /// Otherwise the workers of its pool would create pools as well, and so on without end.
    static func refuseInWorkers() {
        guard WorkerMark.isSet else { return }
        standardErrorSays(
            "worker",
            "the program creates a pool before it serves as a worker; call ProcessPoolExecutor.serveIfWorker at its top"
        )
        _exit(1)
    }
}
