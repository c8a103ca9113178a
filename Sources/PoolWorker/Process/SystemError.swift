// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// Returns the text of the error of the system call just made, strerror(3).
package func lastSystemError() -> String {
    // The text is copied before anything else may overwrite it.
    unsafe String(cString: strerror(errno))
}
