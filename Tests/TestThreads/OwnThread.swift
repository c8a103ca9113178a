// SPDX-License-Identifier: MIT
// fetchpool

// A build without tests, such as a release build, does not have the module `Testing`.
#if canImport(Testing)
package import Testing
#endif

/// A trait that runs each test case on its own thread, a few at a time (`Turns`), with a time limit.
///
/// Use this trait for every test that starts programs, blocks its thread or computes for long. Otherwise the
/// test would occupy one of the few threads that all other tests share. A test case that waits for its turn
/// occupies no thread, and its time limit starts with its turn.
///
/// If a case exceeds its limit, the trait records an issue. If the case then continues for 20 s, the whole
/// run is ended, because a blocked thread cannot be stopped.
package struct OwnThread: Sendable {
    /// The time limit of one test case, from the start of its turn.
    let limit: Duration
    /// True if the cases get their turns before those of other tests, because they take many seconds.
    var isFirst = false

    /// True in a test with this trait, and while `forCondition` calls its function.
    @TaskLocal private static var isCurrent = false

    /// Evaluates a condition of a trait such as `.enabled(if:)`; `ask` may block its thread.
    ///
    /// No test waits for that thread, because Swift Testing evaluates all conditions before the first test
    /// begins.
    package static func forCondition<Value>(_ ask: () throws -> Value) rethrows -> Value {
        try $isCurrent.withValue(true, operation: ask)
    }

    /// Starts an unstructured task on threads of its own, for a test with this trait.
    ///
    /// `Task { … }` would use the threads that all other tests share. The task would then wait for tests that
    /// compute for long.
    package static func task<Value: Sendable>(
        _ body: sending @escaping @isolated(any) () async throws -> Value
    ) -> Task<Value, any Error> {
        Task(executorPreference: ThreadPool.shared, operation: body)
    }

    /// True if the present thread may be blocked: in a test with this trait, in `forCondition`, and outside
    /// all tasks.
    package static var mayBlock: Bool { unsafe isCurrent || withUnsafeCurrentTask { unsafe $0 == nil } }
}

#if canImport(Testing)
extension OwnThread: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        // A suite and its test may both have the trait. Then there is one turn, which comes first if one of
        // the two traits says so, and both limits apply.
        let hasTurn = OwnThread.isCurrent
        if !hasTurn {
            let isFirst = test.traits.contains { ($0 as? OwnThread)?.isFirst == true }
            await Turns.shared.take(isFirst: isFirst)
        }
        defer { if !hasTurn { Turns.shared.giveBack() } }
        let watch = CaseWatch(test, limit: limit)
        try await OwnThread.$isCurrent.withValue(true) {
            try await withTaskExecutorPreference(ThreadPool.shared) {
                async let _: Void = watch.run()
                defer { watch.end() }
                try await function()
            }
        }
    }
}

extension Trait where Self == OwnThread {
    /// A trait that gives each test case its own thread and a limit of three minutes.
    package static var ownThread: Self { ownThread() }

    /// Returns a trait that gives each test case its own thread and the time limit `limit`.
    ///
    /// With `isFirst`, the cases get their turns before those of other tests. That is for a test of ten
    /// seconds or more: if such a test began late, the whole run would wait for it alone.
    package static func ownThread(within limit: Duration = .seconds(180), isFirst: Bool = false) -> Self {
        OwnThread(limit: limit, isFirst: isFirst)
    }
}
#endif
