// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A system call that failed, with the reason the kernel gave.
struct SystemFailure: Error {
    /// What was tried, as the end of "cannot …".
    let action: String
    /// The `errno` of the failure.
    let code: Int32

    init(_ action: String, code: Int32 = errno) {
        self.action = action
        self.code = code
    }

    /// The kernel's reason in words.
    var reason: String { unsafe String(cString: strerror(code)) }
}
