// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool
import TestFolders
import TestPrograms

/// Returns a pool whose workers run the program `executor-worker`; the caller ends the pool.
func testPool(
    _ workers: Int = 2,
    _ change: (inout PoolConfiguration) -> Void = { _ in }
) -> ProcessPoolExecutor {
    ProcessPoolExecutor(
        .functions(of: BuiltPrograms.path("executor-worker")),
        configuration: testConfiguration(workers, change)
    )
}

/// Calls `body` with a pool like those that `testPool` returns, and shuts the pool down, also after an error.
@discardableResult
func withTestPool<Result>(
    _ workers: Int = 2,
    _ change: (inout PoolConfiguration) -> Void = { _ in },
    _ body: (ProcessPoolExecutor) async throws -> Result
) async throws -> Result {
    let program = PoolWorkers.functions(of: BuiltPrograms.path("executor-worker"))
    return try await withProcessPool(program, configuration: testConfiguration(workers, change), body)
}

private func testConfiguration(
    _ workers: Int,
    _ change: (inout PoolConfiguration) -> Void
) -> PoolConfiguration {
    var configuration = PoolConfiguration(maxWorkers: workers)
    change(&configuration)
    configuration.environment.merge(Sanitizer.environment) { own, _ in own }
    return configuration
}

/// Returns the error that `body` throws; `nil` if it throws none.
func error<Value>(of body: () async throws -> Value) async -> (any Error)? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}

extension TestFolder {
    /// Waits until the folder holds a file or folder called `name`.
    func wait(for name: String) async throws {
        while !holds(name) { try await Task.sleep(for: .milliseconds(1)) }
    }
}

extension ProcessPoolError {
    /// The death of the worker; `nil` if the error does not come from a death.
    var death: WorkerDeath? {
        switch self {
        case .workerDied(let death), .deadlineExceeded(let death): death
        default: nil
        }
    }
}
