// SPDX-License-Identifier: MIT
// fetchpool

import PoolWorker

extension ResponseProcessor {
    /// Runs the processor as a program; write `@main` before the processor's type.
    ///
    /// The program serves a coordinator over standard input and output until the coordinator sends `drain` or
    /// is gone. If standard input is a file with a task that `--crash-dir` has kept, the program processes
    /// this task, and ends. If standard input is a terminal or empty, the program writes its usage to
    /// standard error, and exits with status 2.
    public static func main() {
        SequentialWorker.run(name: name, processors: [name]) { _ in
            ProcessorHandler(try Self(arguments: WorkerArguments.words))
        }
    }
}
