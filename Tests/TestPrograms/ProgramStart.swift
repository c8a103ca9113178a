// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

/// Starts a program by posix_spawn(3), in a new process group.
///
/// Bounds of the unsafe code: `run` frees the C strings only after posix_spawn(3) has returned. The lists of
/// arguments and of variables each end with `nil`.
@safe struct ProgramStart {
    private var actions = unsafe posix_spawn_file_actions_t()
    private var childEnds: [Int32] = []

    init() { unsafe posix_spawn_file_actions_init(&actions) }

    /// Creates a pipe for the program's descriptor `number`, and returns the non-blocking end for this
    /// process.
    ///
    /// Pipes are close-on-exec from the start. Tests run at the same time, so another test's process could
    /// otherwise inherit the pipe. The reader of the pipe would then get no end of file before that process
    /// exits.
    mutating func pipe(_ number: Int32) throws -> Int32 {
        var (reader, writer): (Int32, Int32) = (-1, -1)
        guard unsafe clinux_pipe(&reader, &writer, 0) == 0 else {
            throw ProgramError(description: "no pipe could be made (errno \(errno))")
        }
        let (childEnd, ownEnd) = number == 0 ? (reader, writer) : (writer, reader)
        unsafe posix_spawn_file_actions_adddup2(&actions, childEnd, number)
        childEnds.append(childEnd)
        _ = fcntl(ownEnd, F_SETFL, O_NONBLOCK)
        return ownEnd
    }

    /// Closes the program's descriptor `number`.
    mutating func close(_ number: Int32) {
        unsafe posix_spawn_file_actions_addclose(&actions, number)
    }

    /// Opens a file as the program's descriptor `number`.
    mutating func open(_ number: Int32, _ path: String, _ flags: Int32) {
        unsafe posix_spawn_file_actions_addopen(&actions, number, path, flags, 0)
    }

    /// Starts the program, and returns its process id.
    ///
    /// Call this function only once: it closes the program's ends of the pipes, and destroys the actions.
    mutating func run(_ path: String, _ arguments: [String], _ environment: [String]) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        var settings = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer {
            unsafe (words + settings).forEach { unsafe free($0) }
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
            for end in childEnds { Glibc.close(end) }
        }
        // The program must not inherit the blocked signals of this thread, or an ignored SIGPIPE of this
        // process.
        var (none, reset) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&none)
        unsafe sigemptyset(&reset)
        unsafe sigaddset(&reset, SIGPIPE)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &reset)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        var pid = pid_t()
        var failure = unsafe posix_spawn(&pid, path, &actions, &attributes, &words, &settings)
        // A test may have just written the program's file. If another thread started a child during the
        // write, that child also holds the file open for writing until its exec. Until that exec, the start
        // of the program fails with ETXTBSY (execve(2)).
        for _ in 0..<1_000 where failure == ETXTBSY {
            usleep(1_000)
            failure = unsafe posix_spawn(&pid, path, &actions, &attributes, &words, &settings)
        }
        guard failure == 0 else {
            throw ProgramError(
                description: "'\(path)' cannot be started: \(unsafe String(cString: strerror(failure)))"
            )
        }
        return pid
    }
}
