// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The text of an error number, strerror(3).
func systemError(_ number: Int32) -> String {
    // The text is copied before anything else may overwrite it.
    unsafe String(cString: strerror(number))
}

/// The text of the error of the call just made.
func lastSystemError() -> String {
    systemError(errno)
}
