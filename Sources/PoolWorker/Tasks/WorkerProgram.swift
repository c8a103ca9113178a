// SPDX-License-Identifier: MIT
// fetchpool

/// A handler that is a whole program: write `@main` before its type.
///
///     import PoolWorker
///
///     @main
///     struct Hosts: WorkerProgram {
///         func handle(_ task: WorkerTask) throws -> JSONResult {
///             ["url": try task.json["url"].string]
///         }
///     }
///
/// Run it with `fetchpool --worker hosts`, or as the program of a `ProcessPoolExecutor`.
public protocol WorkerProgram: TaskHandler {
    /// The worker's name, in its first line and before its messages on standard error.
    ///
    /// The default is the type's name in lower case.
    static var name: String { get }

    /// Creates the handler of a program without arguments.
    init()

    /// Creates the handler from the arguments of the program.
    ///
    /// The default throws an error if there are arguments; otherwise it calls `init()`.
    ///
    /// - Parameter arguments: The words after the program's name, without `--supervised`, which has no effect
    ///   on a program of this library.
    /// - Throws: Any error; its description is printed on standard error, and the process ends. A
    ///   `WorkerSetupError` with status 2 means that the usage is wrong.
    init(arguments: [String]) throws
}

extension WorkerProgram {
    /// The type's name, in lower case.
    public static var name: String { String(describing: Self.self).lowercased() }

    /// Calls `init()` if there are no arguments.
    ///
    /// - Throws: `WorkerSetupError` with status 2 if there are arguments.
    public init(arguments: [String]) throws {
        try WorkerArguments.refuse(arguments)
        self.init()
    }

    /// Serves a coordinator over standard input and output; see
    /// ``SequentialWorker/run(name:processors:finish:makeHandler:)``.
    public static func main() {
        SequentialWorker.run(name: name) { _ in try Self(arguments: WorkerArguments.words) }
    }
}

/// The arguments of a program that is a worker.
package enum WorkerArguments {
    /// The words after the program's name, without `--supervised`.
    ///
    /// The bundled workers need this option to serve a coordinator; a program of this library always serves.
    package static var words: [String] { ProgramArguments.words.filter { $0 != "--supervised" } }

    /// Checks that there are no arguments.
    ///
    /// - Throws: `WorkerSetupError` if there are arguments; its message names the first.
    package static func refuse(_ arguments: [String]) throws(WorkerSetupError) {
        guard let first = arguments.first else { return }
        throw WorkerSetupError("unexpected argument '\(first)'; this worker takes none", exitStatus: 2)
    }
}
