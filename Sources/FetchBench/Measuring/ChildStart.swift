// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

/// Starts a program with posix_spawn(3) in the process group of this process, so that Ctrl-C reaches the
/// program too.
///
/// Bounds of the unsafe code: the C strings are freed only after posix_spawnp(3) has returned, and their list
/// ends with nil.
@safe struct ChildStart {
    private var actions = unsafe posix_spawn_file_actions_t()
    private var childEnd: Int32 = -1

    init() {
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }

    /// Redirects a descriptor of the program to a file, which is created or emptied.
    mutating func send(_ descriptor: Int32, to path: String) {
        unsafe posix_spawn_file_actions_addopen(
            &actions,
            descriptor,
            path,
            O_WRONLY | O_CREAT | O_TRUNC,
            0o600
        )
    }

    /// Makes a pipe for the program's output; returns the reading end, which the caller must close.
    ///
    /// - Throws: `BenchError` if no pipe can be made.
    mutating func pipeOutput() throws(BenchError) -> Int32 {
        var reader: Int32 = -1
        guard unsafe clinux_pipe(&reader, &childEnd, 0) == 0 else {
            throw BenchError("no pipe could be made; raise the limit of descriptors (ulimit -n)")
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, childEnd, 1)
        return reader
    }

    /// Starts the program; call this only once.
    ///
    /// - Returns: The process id.
    /// - Throws: `BenchError` if the program cannot be started.
    mutating func run(_ command: Command) throws(BenchError) -> pid_t {
        var words = unsafe ([command.program] + command.arguments).map { unsafe strdup($0) } + [nil]
        defer {
            unsafe words.forEach { unsafe free($0) }
            unsafe posix_spawn_file_actions_destroy(&actions)
            if childEnd >= 0 { close(childEnd) }
        }
        var pid = pid_t()
        let failure = unsafe posix_spawnp(&pid, command.program, &actions, nil, &words, environ)
        guard failure == 0 else {
            throw BenchError(
                "'\(command.program)' cannot be started: \(unsafe String(cString: strerror(failure)))"
            )
        }
        return pid
    }
}
