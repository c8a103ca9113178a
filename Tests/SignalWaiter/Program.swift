// SPDX-License-Identifier: MIT
// fetchpool

import Dispatch
import ExecutorFunctions
import Glibc
import ProcessPool

/// A program that waits for signals by sigwait(3), for the tests of `ProcessPoolExecutor`.
///
/// Its `main` is synchronous. An asynchronous `main` blocks no signals: Swift's runtime then waits with an
/// empty signal mask on the main thread.
///
/// The program runs a pool, then sends itself SIGUSR1 and SIGTERM, and waits for each. Then it sends itself
/// SIGTERM again, runs a second pool, and only then waits for this SIGTERM. The program prints each result
/// and the number of each signal.
///
/// Without an argument, the workers serve a function. With the argument `program`, each worker runs this
/// program with the argument `mask`. Such a worker inherits a set of blocked signals, writes the numbers of
/// these signals to standard error, and exits. The pool then fails, and the program prints the worker's last
/// line.
///
///     signal-waiter [program|mask]
@main
struct Program {
    static func main() {
        ProcessPoolExecutor.serveIfWorker(Functions.double)
        if CommandLine.arguments.dropFirst().first == "mask" { tellMask() }
        // No other thread has started yet, so all threads block these signals, as sigwait(3) demands.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for number in [SIGTERM, SIGUSR1] { unsafe _ = sigaddset(&signals, number) }
        unsafe _ = pthread_sigmask(SIG_BLOCK, &signals, nil)

        // The first worker starts while the main thread waits for signals.
        Task.detached {
            await runPool()
            kill(getpid(), SIGUSR1)
        }
        print(wait(for: signals))
        kill(getpid(), SIGTERM)
        print(wait(for: signals))

        kill(getpid(), SIGTERM)
        let end = DispatchSemaphore(value: 0)
        Task.detached {
            await runPool()
            end.signal()
        }
        end.wait()
        print(wait(for: signals))
    }

    private static func wait(for signals: sigset_t) -> Int32 {
        var (signals, number): (sigset_t, Int32) = (signals, 0)
        unsafe _ = sigwait(&signals, &number)
        return number
    }

    private static func tellMask() -> Never {
        var blocked = sigset_t()
        unsafe _ = pthread_sigmask(SIG_BLOCK, nil, &blocked)
        let numbers = (1...31).filter { unsafe sigismember(&blocked, $0) == 1 }
        let line = "blocks \(numbers)\n"
        unsafe _ = write(2, line, line.utf8.count)
        exit(1)
    }

    private static func runPool() async {
        let (name, argument) = (CommandLine.arguments[0], CommandLine.arguments.dropFirst().first)
        let runsProgram = argument == "program"
        let workers = runsProgram ? PoolWorkers.program(name, arguments: ["mask"]) : .thisProgram
        let configuration = PoolConfiguration(maxWorkers: 1)
        await withProcessPool(workers, configuration: configuration) { pool in
            do {
                if runsProgram {
                    _ = try await pool.submit(json: Array("{}".utf8)).value
                } else {
                    print(try await pool.submit(Functions.double, 1).value)
                }
            } catch ProcessPoolError.cannotStartWorkers(let stderr) {
                print(stderr.last ?? "nothing")
            } catch {
                print(error)
            }
        }
    }
}
