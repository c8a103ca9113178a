// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

/// The text that a program prints in place of its work, such as the text of `--help`.
package enum PrintedText {
    /// Writes `text` and a line feed to standard output.
    ///
    /// - Returns: The exit status of `program`: 0 if the text was written; 141 if nobody reads standard
    ///   output any more; 3 if the text cannot be written for another reason, which is printed to standard
    ///   error.
    package static func print(_ text: String, program: String) -> Int32 {
        let bytes = Array("\(text)\n".utf8)
        if writeAll(bytes.span, to: 1), isWrittenOut(1) { return 0 }
        if hasReaderLeft(errno) { return 141 }
        standardErrorSays(program, "cannot write standard output: \(lastSystemError())")
        return 3
    }
}
