// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc
import Platform
import PoolWire

/// The set-up of a process before another program replaces the process.
///
/// The parent starts processes with Foundation's `Process`, which runs no code of the parent between fork and
/// exec. So the new process does the set-up itself.
///
/// Bounds of the unsafe code here: each word ends with a zero byte, and the list of words ends with `nil`.
/// The words are never freed.
package enum Launcher {
    /// The exit statuses for a command that does not exist, and for a command that cannot be run, as in
    /// env(1).
    private static let (notFound, cannotRun): (Int32, Int32) = (127, 126)

    /// Runs `command` in place of this process; execvp(3) searches for the program.
    ///
    /// The program starts with default signal handling, no blocked signals and no core dumps. The kernel is
    /// asked to kill the program as soon as the thread that started this process ends. The process group
    /// stays unchanged.
    ///
    /// If the function fails, it prints a sentence to standard error and exits. The status is 127 if the
    /// command or its script interpreter does not exist. The status is 126 if the command cannot be run for
    /// another reason. The status is 1 if the parent is gone, or the system refuses the memory limit.
    ///
    /// - Parameters:
    ///   - command: The program and its arguments; not empty. For bytes that are not UTF-8, see
    ///     `String.init(systemBytes:)`.
    ///   - isEscaped: True if the words and the environment may contain escapes for bytes that are not UTF-8.
    ///   - memoryBytes: The limit of private writable memory for each process of the program, in bytes; `nil`
    ///     sets no limit.
    ///   - parent: The expected process id of the parent; `nil` skips the check. If the parent has another
    ///     id, the function fails.
    ///   - program: The name before each message.
    package static func launch(
        _ command: [String],
        isEscaped: Bool = false,
        memoryBytes: Int? = nil,
        parent: Int? = nil,
        program: String
    ) -> Never {
        resetSignals()
        WorkerLimits.forbidCoreDumps()
        _ = clinux_follow_parent(SIGKILL)
        // If the parent ended before the call of prctl(2), the kernel does not kill this process.
        if let parent, getppid() != pid_t(exactly: parent) {
            leave(program, "process \(parent), which asked for '\(command[0])', is gone", 1)
        }
        if isEscaped { restoreEnvironment() }
        let restored = command.map { isEscaped ? restore($0.systemBytes) : $0.systemBytes }
        var words = unsafe restored.map { unsafe copy($0) } + [nil]
        do throws(WorkerSetupError) {
            if let memoryBytes { try WorkerLimits.limitMemory(to: memoryBytes) }
        } catch {
            leave(program, error.message, error.exitStatus)
        }
        if let program = unsafe words[0] { unsafe execvp(program, &words) }
        let cause = errno
        let reason = systemError(cause)
        let advice =
            cause == ENOENT
            ? "check its name and PATH, and the interpreter that its first line names"
            : "check that it is a program and may be run"
        leave(
            program,
            "cannot run '\(command[0])': \(reason); \(advice)",
            cause == ENOENT ? notFound : cannotRun
        )
    }

    private static func restore(_ bytes: [UInt8]) -> [UInt8] {
        String(decoding: bytes, as: UTF8.self).systemBytes
    }

    private static func copy(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
        unsafe strdup(bytes.map { CChar(bitPattern: $0) } + [0])
    }

    /// Restores the original bytes of environment variables that are not UTF-8.
    ///
    /// The environment must have the escapes of `String.init(systemBytes:)`. Call this function before the
    /// process has a second thread.
    package static func restoreEnvironment() {
        var escaped: [[UInt8]] = []
        var place: Int32 = 0
        while let variable = unsafe clinux_variable(place) {
            place += 1
            let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: variable, count: strlen(variable)))
            if String(decoding: bytes, as: UTF8.self).hasSystemEscapes { escaped.append(bytes) }
        }
        for bytes in escaped {
            let name = bytes.prefix { $0 != UInt8(ascii: "=") }
            unsafe _ = unsetenv(name.map { CChar(bitPattern: $0) } + [0])
            if let variable = unsafe copy(restore(bytes)) { unsafe _ = putenv(variable) }
        }
    }

    private static func resetSignals() {
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigprocmask(SIG_SETMASK, &none, nil)
        // exec(3) resets caught signals, but not ignored signals. signal(2) fails for some signals, such as
        // SIGKILL; these signals need no reset.
        for number in Int32(1)...64 { signal(number, SIG_DFL) }
    }

    private static func leave(_ program: String, _ sentence: String, _ status: Int32) -> Never {
        standardErrorSays(program, sentence)
        _exit(status)
    }
}
