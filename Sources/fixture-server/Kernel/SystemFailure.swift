// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A failed system call, or an address that cannot be used, with an error number of the kernel.
struct SystemFailure: Error {
    /// The action that failed: the part of the message after "cannot".
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
