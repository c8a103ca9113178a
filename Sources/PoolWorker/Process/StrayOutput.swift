// SPDX-License-Identifier: MIT
// fetchpool

// Glibc declares `stdout` as a variable; neither this program nor Glibc ever sets it.
@unsafe @preconcurrency import Glibc
import Platform

/// The output that a task prints, which goes to standard error.
enum StrayOutput {
    /// Makes the C library flush each printed line immediately, so that the line survives a crash of the
    /// task.
    static func writeLineByLine() {
        // With `nil`, the C library uses its own buffer.
        unsafe _ = setvbuf(stdout, nil, _IOLBF, 0)
    }
}

/// Prints one sentence to standard error, after the program's name.
package func standardErrorSays(_ program: String, _ sentence: String) {
    _ = writeAll(Array("\(program): \(sentence)\n".utf8).span, to: 2)
}
