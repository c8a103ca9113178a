// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc
import Platform
import PoolWire

/// Becomes another program, after what its parent could not do for it between fork and exec.
///
/// Bounds of the unsafe code here: the words end in zero bytes, their list in `nil`, and nothing frees them: exec does.
package enum Launcher {
    /// The statuses of a command that was not found and of one that cannot be run, as in env(1).
    private static let (notFound, cannotRun): (Int32, Int32) = (127, 126)

    /// Becomes `command`, found as execvp(3) does, with all signals as they are by default and none blocked, no core dumps, and dead as
    /// soon as the thread that started this process is.
    ///
    /// Descriptors, environment and process group stay as they are. It returns only by ending the process: with 127 where the
    /// command does not exist, 126 where it cannot be run, 1 where the parent is gone or a limit is refused; each says a sentence on
    /// standard error.
    ///
    /// - Parameters:
    ///   - command: The program and its arguments; not empty. Bytes that are no UTF-8 stand in it as `String.init(systemBytes:)` says.
    ///   - isEscaped: Whether the words and the environment were written so once more, because whoever started this program hands on
    ///     nothing but UTF-8.
    ///   - memoryBytes: The most memory it and each program it starts may have that is private and writable.
    ///   - parent: The process that must still be the parent when this one has tied itself to it; `nil` does not ask.
    ///   - program: What stands before the sentences.
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
        // A parent that was gone before could not be followed any more.
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

    /// Gives variables that are no UTF-8 their bytes back.
    private static func restoreEnvironment() {
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
        // Those that are caught are reset by exec, those that are ignored are not. Some cannot be set, and need not.
        for number in Int32(1)...64 { signal(number, SIG_DFL) }
    }

    private static func leave(_ program: String, _ sentence: String, _ status: Int32) -> Never {
        standardErrorSays(program, sentence)
        _exit(status)
    }
}
