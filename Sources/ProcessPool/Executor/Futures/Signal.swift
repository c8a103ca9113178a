// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// An event that one Swift task at a time waits for; an event that comes first is kept.
///
/// `@unchecked Sendable`: `lock` guards all properties.
final class Signal: @unchecked Sendable {
    private let lock = NSLock()
    private var isFired = false
    private var waiter: CheckedContinuation<Void, Never>?
    /// The number of the latest wait, and of the latest one whose time was over.
    private var (waits, expired) = (0, 0)

    /// Ends the present wait, or the next one.
    func fire() {
        let waiter = locked {
            defer { self.waiter = nil }
            isFired = self.waiter == nil
            return self.waiter
        }
        waiter?.resume()
    }

    /// Waits for `fire`, for `timeout` at most, and until this Swift task is cancelled.
    func wait(for timeout: Duration? = nil) async {
        let number = locked {
            waits += 1
            return waits
        }
        let timer = timeout.map { timeout in
            Task.detached {
                try? await Task.sleep(for: timeout)
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

    /// Ends a wait if it is still the present one.
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
