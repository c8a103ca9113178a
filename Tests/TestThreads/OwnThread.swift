// SPDX-License-Identifier: MIT
// fetchpool

// A build without tests, as that of a release, has no such module.
#if canImport(Testing)
package import Testing
#endif

/// A trait that runs each test case on a thread of its own, a few at a time, under a time limit that counts from its turn.
///
/// Every test that starts programs, blocks its thread or computes for long has it: such a test would hold one of the few
/// threads that all other tests share. A test case that waits for its turn holds no thread, and its time does not count.
///
/// A case that goes on past its limit records an issue. One that does not end after that ends the whole run, for a thread
/// that is blocked for ever cannot be taken away.
package struct OwnThread: Sendable {
    /// The time limit of one test case, counted from its turn.
    let limit: Duration

    /// True in a test that has this trait.
    @TaskLocal private static var isCurrent = false

    /// Asks for something that a trait depends on, such as `.enabled(if:)`, and may block its thread.
    ///
    /// Swift Testing asks all that before the first test begins.
    package static func forCondition<Value>(_ ask: () throws -> Value) rethrows -> Value {
        try $isCurrent.withValue(true, operation: ask)
    }

    /// True where a thread may be blocked: in a test with this trait, and outside of all tasks.
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
        // A suite and its test may both have the trait: there is one turn, and each limit holds.
        let hasTurn = OwnThread.isCurrent
        if !hasTurn { await Turns.shared.take() }
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
    /// A thread of its own for each test case, with three minutes for it.
    package static var ownThread: Self { ownThread(within: .seconds(180)) }

    /// A thread of its own for each test case, with a time limit that counts from its turn.
    package static func ownThread(within limit: Duration) -> Self { OwnThread(limit: limit) }
}
#endif
