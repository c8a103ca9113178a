// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Platform

/// A writer that replaces a report file on its own thread.
///
/// A slow disk must not delay the pool thread, on which `Run` works.
///
/// The state has a `Monitor`, because a `Mutex` would wait in a library that the thread sanitizer does not
/// see. The sanitizer would then report false races.
final class ReportWriter: @unchecked Sendable {
    // `@unchecked Sendable`: `monitor` protects `state`.
    private let file: ReportFile
    private let queue = BoundedQueue<[UInt8]>(limit: .max) { $0.count }
    private let monitor = Monitor()
    private var state = State()

    private struct State {
        var hasBegun = false
        var hasEnded = false
        /// True if the last replacement failed.
        var isFailing = false
        /// The first error of the last series of failed replacements; `nil` if there is none, or after
        /// `takeFailure`.
        var failure: RunError?
    }

    /// Creates a writer for a file.
    init(_ file: ReportFile) { self.file = file }

    /// True if the file can be replaced during the run.
    var mayBeRewritten: Bool { file.mayBeRewritten }

    /// Lets the thread replace the contents of the file; does nothing if `mayBeRewritten` is false.
    ///
    /// After an error, later contents are still written; `takeFailure` returns the error.
    func post(_ bytes: [UInt8]) {
        guard mayBeRewritten else { return }
        // Only the last contents count. Earlier contents are removed, so that they do not accumulate if the
        // disk is slow.
        while queue.pop() != nil {}
        queue.pushWithoutWaiting(bytes)
        let isFirst = monitor.withLock {
            defer { state.hasBegun = true }
            return !state.hasBegun
        }
        guard isFirst else { return }
        let thread = Thread { self.writeAll() }
        thread.name = "report"
        thread.start()
    }

    /// Returns the first error of a series of failed replacements, once for each series; otherwise `nil`.
    func takeFailure() -> RunError? {
        monitor.withLock {
            defer { state.failure = nil }
            return state.failure
        }
    }

    private func writeAll() {
        while let bytes = queue.popAllWaiting(upTo: .max).last {
            let failure = file.write(bytes, orUntil: { true })
            monitor.withLock {
                if let failure, !state.isFailing { state.failure = failure }
                state.isFailing = failure != nil
            }
        }
        monitor.withLock { state.hasEnded = true }
    }

    /// Writes the last contents of the file, on the calling thread.
    ///
    /// The function first waits for the end of the writer's own thread. After half a second, the wait also
    /// ends if `givesUp` returns true; nothing is written then.
    ///
    /// - Returns: The error; `nil` on success, or if `givesUp` ended the wait for the thread.
    func finish(_ bytes: [UInt8], orUntil givesUp: () -> Bool) -> RunError? {
        queue.close()
        // The writer's own thread must not replace the last contents by earlier ones.
        var waits = 0
        while monitor.withLock({ state.hasBegun && !state.hasEnded }) {
            if waits >= Self.fewestWaits, givesUp() { return nil }
            _ = poll(nil, 0, 5)
            waits += 1
        }
        return file.write(bytes, orUntil: givesUp)
    }

    /// The number of waits of 5 ms before `finish` may give up.
    private static let fewestWaits = 100
}
