// SPDX-License-Identifier: MIT
// fetchpool

/// Creates a pool, calls `body` with it, and ends the pool.
///
/// When this function returns or throws, all tasks have ended, and no process of the pool is left. For two
/// exceptions to this rule, see ``ProcessPoolExecutor/shutdown(cancelPending:)``. After `body` has returned,
/// the function waits for the tasks that have not ended. If the calling Swift task is cancelled before or
/// during this wait, or if `body` throws, the pool ends as with ``ProcessPoolExecutor/terminateWorkers()``.
///
/// - Parameters:
///   - workers: The program or the functions that the workers run; by default the functions of this program.
///   - configuration: The settings of the pool.
///   - body: The code that submits tasks.
/// - Returns: The result of `body`.
/// - Throws: The error of `body`.
public func withProcessPool<Result>(
    _ workers: PoolWorkers = .thisProgram,
    configuration: PoolConfiguration = PoolConfiguration(),
    _ body: (ProcessPoolExecutor) async throws -> Result
) async rethrows -> Result {
    let pool = ProcessPoolExecutor(workers, configuration: configuration)
    do {
        let result = try await body(pool)
        await withTaskCancellationHandler {
            await pool.shutdown()
        } onCancel: {
            pool.terminateWorkers()
        }
        return result
    } catch {
        pool.terminateWorkers()
        await pool.shutdown()
        throw error
    }
}
