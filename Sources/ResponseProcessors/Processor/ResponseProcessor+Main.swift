// SPDX-License-Identifier: MIT
// fetchpool

import PoolWorker

extension ResponseProcessor {
    /// Makes a program of the processor: write `@main` before its type.
    ///
    /// The program serves a coordinator over standard input and output until the coordinator ends it. If its
    /// standard input is a file with a task that `--crash-dir` has kept, it processes this task, and ends. If
    /// standard input is a terminal or empty, it writes to standard error how to run it, and exits with status
    /// 2. The word `--supervised` may follow its name, and means nothing.
    public static func main() {
        SequentialWorker.run(name: name, processors: [name]) { _ in
            ProcessorHandler(try Self(arguments: WorkerArguments.words))
        }
    }
}
