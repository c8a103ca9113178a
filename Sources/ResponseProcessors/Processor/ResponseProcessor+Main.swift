// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWorker

extension ResponseProcessor {
    /// Makes a program of the processor: write `@main` before its type.
    ///
    /// With `--supervised` the program serves a coordinator over standard input and output until the
    /// coordinator ends it. Otherwise the program writes to standard error how to run it, and exits with
    /// status 2.
    public static func main() {
        let words = ProgramArguments.words
        guard words.contains("--supervised") else {
            standardErrorSays(
                name,
                "a response processor for fetchpool; run it with: fetchpool -x '\(ProgramArguments.programName) --supervised'"
            )
            exit(2)
        }
        SequentialWorker.run(name: name, processors: [name]) { _ in ProcessorHandler(Self()) }
    }
}
