// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

/// The text that a program prints in place of its work, such as the text of `--help`.
package enum PrintedText {
    /// Writes `text` and a line feed to standard output.
    ///
    /// - Returns: The exit status of `program`: 0; 3 if the text cannot be written, with a message on
    ///   standard error; 141 if the reader has gone.
    package static func print(_ text: String, program: String) -> Int32 {
        let bytes = Array("\(text)\n".utf8)
        if writeAll(bytes.span, to: 1), isWrittenOut(1) { return 0 }
        if hasReaderLeft(errno) { return 141 }
        standardErrorSays(program, "cannot write standard output: \(lastSystemError())")
        return 3
    }
}
