// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWorker

/// A worker for one task at a time; with the argument `concurrent`, for up to four tasks at the same time.
@main
enum Program {
    static func main() {
        if CommandLine.arguments.contains("concurrent") {
            ConcurrentKitWorker.main()
        } else {
            KitWorker.main()
        }
    }
}

/// A worker that does what the member `do` of a task says.
///
/// The argument of the program says what `prepare()` does; without an argument, `prepare()` succeeds at once.
///
/// The methods are `@concurrent`, so they behave like `async` methods in packages that are compiled without
/// `NonisolatedNonsendingByDefault`. Most packages are compiled without this feature.
struct KitWorker: WorkerProgram {
    private var preparation = ""
    private var isPrepared = false
    private var handled = 0
    private let thread = pthread_self()

    init() {}

    init(arguments: [String]) throws {
        guard arguments.count <= 1 else { throw WorkerSetupError("too many arguments", exitStatus: 2) }
        preparation = arguments.first ?? ""
    }

    @concurrent mutating func prepare() async throws {
        switch preparation {
        case "refuse": throw WorkerSetupError("the model is missing; run fetch-model", exitStatus: 3)
        case "fail": throw TaskFailure("the database does not answer")
        case "fail late":
            try await Task.sleep(for: .milliseconds(800))
            throw TaskFailure("the database does not answer in time")
        case "wait": try await Task.sleep(for: .milliseconds(100))
        default: break
        }
        isPrepared = isFirstThread()
    }

    @concurrent mutating func handle(_ task: WorkerTask) async throws -> JSONResult {
        handled += 1
        switch try task.json["do"].optional?.string ?? "number" {
        case "number": return ["prepared": isPrepared, "handled": handled, "attempt": task.attempt]
        case "wait":
            let isFirst = isFirstThread()
            try await Task.sleep(for: .milliseconds(5))
            return ["before": isFirst, "after": isFirstThread()]
        case "children":
            async let left = Self.waited(20)
            async let right = Self.waited(22)
            return ["sum": try await left + right]
        case "fail": throw TaskFailure("it failed", errorClass: "dns", isRetryable: true)
        case "throw": throw CancellationError()
        case "read": return ["n": try task.json["meta"]["n"].integer()]
        case "body": return ["body": try task.response?["body"].string]
        case "print":
            print("a stray line")
            return .null
        case "crash": fatalError("the task asked for a crash")
        case let verb: throw TaskFailure("cannot do '\(verb)'")
        }
    }

    /// Returns true on the thread that created this `KitWorker`.
    private func isFirstThread() -> Bool { pthread_equal(pthread_self(), thread) != 0 }

    private static func waited(_ number: Int) async throws -> Int {
        try await Task.sleep(for: .milliseconds(2))
        return number
    }
}
