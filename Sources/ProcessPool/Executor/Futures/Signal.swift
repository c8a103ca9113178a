// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// An event for which one Swift task at a time waits.
///
/// `@unchecked Sendable`: `lock` guards all properties.
final class Signal: @unchecked Sendable {
    private let lock = NSLock()
    private var isFired = false
    private var waiter: CheckedContinuation<Void, Never>?
    /// The number of the latest wait, and the number of the latest expired wait.
    private var (waits, expired) = (0, 0)

    /// Ends the present wait; if there is none, the next wait ends immediately.
    func fire() {
        let waiter = locked {
            defer { self.waiter = nil }
            isFired = self.waiter == nil
            return self.waiter
        }
        waiter?.resume()
    }

    /// Waits until `fire` is called, `timeout` has passed, or this Swift task is cancelled.
    ///
    /// If `fire` was called while no task waited, the wait ends immediately. If `timeout` is `nil`, there is
    /// no time limit.
    func wait(for timeout: Duration? = nil) async {
        let number = locked {
            waits += 1
            return waits
        }
        let timer = timeout.map { timeout in
            Task.detached {
                await Self.sleep(for: timeout.bounded)
                self.expire(number)
            }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = locked {
                    guard isFired || expired == number else {
                        waiter = continuation
                        return false
                    }
                    isFired = false
                    return true
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            expire(number)
        }
        timer?.cancel()
    }

    /// Sleeps for `duration`, or until this Swift task is cancelled.
    ///
    /// Swift keeps about 700 bytes of a cancelled sleep until the sleep would have ended. So the time is
    /// divided into several sleeps. Each sleep lasts at most as long as all earlier sleeps together, or at
    /// most 50 ms if all earlier sleeps together are shorter.
    private static func sleep(for duration: Duration) async {
        let start = ContinuousClock.now
        let end = start + duration
        while !Task.isCancelled {
            let now = ContinuousClock.now
            guard now < end else { return }
            try? await Task.sleep(until: min(end, now + max(.milliseconds(50), now - start)))
        }
    }

    /// Ends the wait with this number, if it is the latest wait.
    private func expire(_ number: Int) {
        let waiter = locked { () -> CheckedContinuation<Void, Never>? in
            guard number == waits else { return nil }
            expired = number
            defer { self.waiter = nil }
            return self.waiter
        }
        waiter?.resume()
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body()
    }
}
