// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The use of a worker by a person, without a coordinator.
package enum ManualUse {
    /// Returns `true` if the descriptor `input` is a regular file.
    ///
    /// A file as the input of a worker holds the lines of a task that `--crash-dir` has kept.
    package static func readsFile(_ input: Int32) -> Bool {
        var status = stat()
        return unsafe fstat(input, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Prints to standard error how to run the worker, and ends the process with status 2.
    static func explain(_ name: String, isProcessor: Bool) -> Never {
        let program = ProgramArguments.programName
        let option = isProcessor ? "-x" : "--worker"
        standardErrorSays(
            name,
            "this is a worker, and fetchpool talks to it over pipes; run it with: fetchpool \(option) '\(program)' URL\n"
                + "To repeat a task that --crash-dir has kept, run: \(program) < crashes/51-2.task"
        )
        exit(2)
    }
}
