// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// Returns the text of an error number, from strerror(3).
package func systemError(_ number: Int32) -> String {
    // The text is copied, because the next call in this thread can overwrite it.
    unsafe String(cString: strerror(number))
}

/// Returns the text of the error number in `errno`.
package func lastSystemError() -> String {
    systemError(errno)
}
