// SPDX-License-Identifier: MIT
// fetchpool

// A build without tests, such as a release build, does not have the module `Testing`.
#if canImport(Testing)
import Foundation
import Glibc
import Testing

/// A watch that enforces the time limit of a test case.
///
/// `@unchecked Sendable`: `condition` guards all mutable properties.
final class CaseWatch: @unchecked Sendable {
    /// The time that a case may take after its limit before the whole run is ended.
    private static let grace: Duration = .seconds(20)

    private let test: Test
    private let limit: Duration
    private let condition = NSCondition()
    private var hasEnded = false

    init(_ test: Test, limit: Duration) { (self.test, self.limit) = (test, limit) }

    /// Notes that the case has ended.
    func end() {
        condition.lock()
        hasEnded = true
        condition.signal()
        condition.unlock()
    }

    /// Waits for the end of the case, and blocks the calling thread meanwhile.
    ///
    /// Records an issue if the case exceeds its limit, and ends the whole run if the case then continues for
    /// `grace`.
    func run() async {
        if wait(limit) { return }
        Issue.record("exceeded its limit of \(limit)", sourceLocation: test.sourceLocation)
        if wait(Self.grace) { return }
        // The message is written directly to the descriptor, because another thread may hold the lock of the
        // C library's stream.
        let sentence = "\n\(test.name) at \(test.sourceLocation) does not end; the whole run ends here\n"
        unsafe _ = write(STDERR_FILENO, sentence, sentence.utf8.count)
        _exit(EXIT_FAILURE)
    }

    /// Waits for the end of the case; returns false if the case has not ended after `time`.
    private func wait(_ time: Duration) -> Bool {
        let deadline = Date(timeIntervalSinceNow: time / .seconds(1))
        condition.lock()
        defer { condition.unlock() }
        while !hasEnded { if !condition.wait(until: deadline) { return hasEnded } }
        return true
    }
}
#endif
