// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A failed system call, with the kernel's error.
struct SystemFailure: Error {
    /// The action that failed: the words after "cannot" in the message.
    let action: String
    /// The `errno` of the failure.
    let code: Int32

    init(_ action: String, code: Int32 = errno) {
        self.action = action
        self.code = code
    }

    /// The kernel's error as text.
    var reason: String { unsafe String(cString: strerror(code)) }
}
