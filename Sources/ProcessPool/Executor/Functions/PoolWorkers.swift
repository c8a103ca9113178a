// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import Synchronization

/// The program or the functions that a pool's workers run.
public struct PoolWorkers: Hashable, Sendable {
    /// The path or the name of the program, and its arguments; `nil` for this program.
    let words: [String]?
    /// True if the workers call `WorkerFunction`s; false if they run a program with the worker protocol.
    let servesFunctions: Bool

    /// This program, which is started again for each worker.
    ///
    /// The program must call ``ProcessPoolExecutor/serveIfWorker(_:initialize:finish:)`` at the top of
    /// `main`. The test program of a package cannot do so; see ``functions(of:arguments:)``.
    public static let thisProgram = PoolWorkers(words: nil, servesFunctions: true)

    /// Returns workers that run another program, which serves the ``WorkerFunction``s of this program.
    ///
    /// The other program must call ``ProcessPoolExecutor/serveIfWorker(_:initialize:finish:)`` at the top of
    /// `main`.
    ///
    /// Use this method if you do not write the `main` of this program, as in a test. Put the functions into a
    /// library that the test and a small program share. Pass the name of the small program.
    ///
    /// - Parameters:
    ///   - name: The program's file; a name without a slash is searched for in the folders of `PATH`. A
    ///     relative path begins at the folder that is the current one when the pool is created.
    ///   - arguments: The arguments after the program's name.
    /// - Returns: Workers that run the program.
    public static func functions(of name: String, arguments: [String] = []) -> PoolWorkers {
        PoolWorkers(words: [name] + arguments, servesFunctions: true)
    }

    /// Returns workers that run a program with the worker protocol on its standard input and output.
    ///
    /// The documentation of the library `PoolWorker` describes the protocol.
    ///
    /// - Parameters:
    ///   - name: The program's file; a name without a slash is searched for in the folders of `PATH`. A
    ///     relative path begins at the folder that is the current one when the pool is created.
    ///   - arguments: The arguments after the program's name.
    /// - Returns: Workers that run the program.
    public static func program(_ name: String, arguments: [String] = []) -> PoolWorkers {
        PoolWorkers(words: [name] + arguments, servesFunctions: false)
    }

    /// Checks that the workers serve functions.
    ///
    /// - Throws: `wrongWorkers` if the workers do not serve functions. The error is also thrown if this
    ///   program would be its own worker, but is a test that has not called `serveIfWorker`.
    func checkFunctions() throws(ProcessPoolError) {
        guard servesFunctions else {
            throw .wrongWorkers(
                "the workers of this pool run a program; submit the input without a WorkerFunction"
            )
        }
        // As a worker, the test program of a package would run the tests. SwiftPM's build system decides how
        // the name of a test program ends.
        let isTest = [".xctest", "-test-runner"].contains { ThisProgram.name.hasSuffix($0) }
        guard words != nil || !isTest || ServeCall.wasMade else {
            throw .wrongWorkers(
                "this program is a test, so it cannot be its own worker; put the functions into a library, and use PoolWorkers.functions(of:) with a program that serves them"
            )
        }
    }

    /// Returns the command that starts a worker; the worker inherits `environment`.
    func command(_ configuration: PoolConfiguration, _ environment: WorkerEnvironment) -> WorkerCommand {
        var variables = configuration.environment
        var words = words ?? [ThisProgram.name]
        words[0] = SystemPath.program(words[0]) ?? words[0]
        if words[0].contains("/") { words[0] = SystemPath.absolute(words[0]) }
        if servesFunctions {
            // The worker restores the bytes of its variables (`Launcher.restoreEnvironment`).
            let escaped = variables.map {
                (String(systemBytes: Array($0.utf8)), String(systemBytes: Array($1.utf8)))
            }
            variables = Dictionary(escaped) { $1 }
            variables[WorkerMark.name] = WorkerMark.value
        }
        var command = WorkerCommand(executable: words[0], arguments: Array(words.dropFirst()))
        command.surroundings = WorkerSurroundings(variables: variables, niceness: configuration.niceness)
        command.surroundings.inherited = environment
        // Workers that serve functions need no guard (`ShellGuard`): a thread of the worker ends the process
        // when the input ends.
        command.surroundings.endsWithParent = !servesFunctions
        return command
    }
}

/// A note that this process has called `serveIfWorker`, which `PoolWorkers.checkFunctions` demands of a test.
enum ServeCall {
    private static let flag = Atomic<Bool>(false)

    static var wasMade: Bool { flag.load(ordering: .relaxed) }

    static func note() { flag.store(true, ordering: .relaxed) }
}

/// The environment variable that marks a process as a worker that serves functions.
enum WorkerMark {
    static let name = "FETCHPOOL_WORKER"
    static let value = "functions"

    /// True in a worker that has not begun to serve.
    static var isSet: Bool {
        guard let text = unsafe getenv(name) else { return false }
        return unsafe strcmp(text, value) == 0
    }

    /// Removes the variable, so that programs started by the worker do not count as workers.
    static func remove() { unsafe _ = unsetenv(name) }
}
