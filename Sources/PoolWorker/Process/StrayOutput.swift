// SPDX-License-Identifier: MIT
// fetchpool

// Glibc declares `stdout` as a variable; nothing here or in Glibc ever sets it.
@unsafe @preconcurrency import Glibc
import Platform

/// What a task prints, which lands in standard error.
enum StrayOutput {
    /// Lets each printed line leave at once, so that it is there to be read when the task crashes, and in order.
    static func writeLineByLine() {
        // No buffer is given: the library keeps its own.
        unsafe _ = setvbuf(stdout, nil, _IOLBF, 0)
    }
}

/// Prints one sentence to standard error, after the program's name.
package func standardErrorSays(_ program: String, _ sentence: String) {
    _ = writeAll(Array("\(program): \(sentence)\n".utf8).span, to: 2)
}
