// SPDX-License-Identifier: MIT
// fetchpool

/// Creates a pool, calls `body` with it, and ends the pool.
///
/// When it returns, all tasks have ended, and no process of the pool is left. If `body` throws, or the Swift
/// task is cancelled, the tasks that have not ended are cancelled; workers that are at work are ended.
///
/// - Parameters:
///   - workers: What the workers run; by default the functions of this program.
///   - configuration: The settings of the pool.
///   - body: Submits tasks; the pool is shut down when it returns.
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
