// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

/// The program or the functions that a pool's workers run.
public struct PoolWorkers: Hashable, Sendable {
    /// The path and the arguments of the program; `nil` for this program.
    let words: [String]?
    /// True if the workers call functions.
    let servesFunctions: Bool

    /// This program, which is started again for each worker and serves its ``WorkerFunction``s.
    ///
    /// It must call ``ProcessPoolExecutor/serveIfWorker(_:initialize:finish:)`` at its top.
    public static let thisProgram = PoolWorkers(words: nil, servesFunctions: true)

    /// Names another program that serves the same ``WorkerFunction``s.
    ///
    /// For example, a test is no program of its own: it shares the functions with a small program in a library,
    /// and names that program here. The program calls
    /// ``ProcessPoolExecutor/serveIfWorker(_:initialize:finish:)`` at its top.
    ///
    /// - Parameters:
    ///   - name: The program's file; without a slash it is searched in the folders of `PATH`.
    ///   - arguments: The arguments after the program's name.
    /// - Returns: Workers that run this program.
    public static func functions(of name: String, arguments: [String] = []) -> PoolWorkers {
        PoolWorkers(words: [name] + arguments, servesFunctions: true)
    }

    /// Names a program that speaks the worker protocol over its standard input and output.
    ///
    /// The protocol is described in the documentation of the library `PoolWorker`.
    ///
    /// - Parameters:
    ///   - name: The program's file; without a slash it is searched in the folders of `PATH`.
    ///   - arguments: The arguments after the program's name.
    /// - Returns: Workers that run this program.
    public static func program(_ name: String, arguments: [String] = []) -> PoolWorkers {
        PoolWorkers(words: [name] + arguments, servesFunctions: false)
    }

    /// Checks that the workers serve functions.
    ///
    /// - Throws: `wrongWorkers` if the workers run another program.
    func checkFunctions() throws(ProcessPoolError) {
        guard !servesFunctions else { return }
        throw .wrongWorkers(
            "the workers of this pool run a program, and no functions; submit the input alone"
        )
    }

    /// Returns the command that starts a worker.
    func command(_ configuration: PoolConfiguration) -> WorkerCommand {
        var variables = configuration.environment
        var words = words ?? [ThisProgram.name]
        words[0] = found(words[0])
        if servesFunctions { variables[WorkerMark.name] = WorkerMark.value }
        var command = WorkerCommand(executable: words[0], arguments: Array(words.dropFirst()))
        command.surroundings = WorkerSurroundings(variables: variables, niceness: configuration.niceness)
        // A process that serves functions needs no guard: one of its threads only reads, and ends the process
        // at the end of the input.
        command.surroundings.endsWithParent = !servesFunctions
        return command
    }

    private func found(_ name: String) -> String {
        guard !name.contains("/") else { return name }
        let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/usr/bin:/bin"
        let files = path.split(separator: ":").map { "\($0)/\(name)" }
        return files.first { unsafe access($0, X_OK) == 0 } ?? name
    }
}

/// The variable by which a process knows that it is a worker of functions.
enum WorkerMark {
    static let name = "FETCHPOOL_WORKER"
    static let value = "functions"

    /// True in a worker that has not begun to serve.
    static var isSet: Bool {
        guard let text = unsafe getenv(name) else { return false }
        return unsafe strcmp(text, value) == 0
    }

    /// Removes the variable, so that programs which the worker starts are no workers.
    static func remove() { unsafe _ = unsetenv(name) }
}
