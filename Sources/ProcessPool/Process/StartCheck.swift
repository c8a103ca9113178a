// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Platform
import Synchronization

/// A check before a process is started.
///
/// If `Process.run` fails, Foundation keeps two descriptors and the `Process` for as long as this process
/// lives. So a start that would probably fail is not tried.
enum StartCheck {
    /// The number of bytes of a script that the kernel reads to find its interpreter (execve(2)).
    private static let lineBytes = 256

    /// True once the system has given no process, for lack of processes or memory.
    private static let hasLacked = Atomic<Bool>(false)

    /// Notes that a start has failed with the error number EAGAIN or ENOMEM.
    static func noteLack() { hasLacked.store(true, ordering: .relaxed) }

    /// Checks that the interpreter of a script can be executed, unless the script cannot be read.
    ///
    /// After `noteLack`, the function also checks that one more thread can be created. A thread counts for
    /// the limits on the number of processes: RLIMIT_NPROC of getrlimit(2), and `pids.max` of a control
    /// group.
    ///
    /// - Throws: `SpawnError`, or `PoolError` if another attempt cannot help.
    static func check(_ program: String) throws {
        if hasLacked.load(ordering: .relaxed) {
            let lack = SystemThread.lackOfOne()
            guard lack == 0 else { throw SpawnError.of(lack, program: program) }
        }
        guard let interpreter = interpreter(of: program) else { return }
        guard unsafe access(interpreter, X_OK) == 0 else { throw SpawnError.of(errno, program: program) }
    }

    /// Returns the path of a script's interpreter, with a zero byte at its end; `nil` if the program is no
    /// script, or cannot be read.
    private static func interpreter(of program: String) -> [CChar]? {
        let file = unsafe open(program.systemPath, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var start = [UInt8](repeating: 0, count: lineBytes)
        let count = unsafe read(file, &start, lineBytes)
        guard count > 2, start[0] == UInt8(ascii: "#"), start[1] == UInt8(ascii: "!") else { return nil }
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let isEnd = { (byte: UInt8) in isBlank(byte) || byte == UInt8(ascii: "\n") || byte == 0 }
        let path = start[2..<count].drop(while: isBlank)
        // The kernel refuses a path that it cannot read to its end.
        guard let end = path.firstIndex(where: isEnd), end > path.startIndex else { return nil }
        return path[..<end].map { CChar(bitPattern: $0) } + [0]
    }
}

/// A type with the deprecated property `currentDirectoryPath` of Foundation's `Process`.
private protocol HasFolderPath: AnyObject {
    var currentDirectoryPath: String { get set }
}

extension Process: HasFolderPath {}

extension Process {
    /// Makes the process inherit the current folder, as execve(2) does.
    ///
    /// By default, Foundation changes the folder of the new process to the path that the current folder has.
    /// This fails if a folder above it cannot be searched, or if the path is not UTF-8. With an empty path,
    /// Foundation changes nothing. The property `currentDirectoryURL` cannot be set to an empty path.
    func inheritFolder() { (self as any HasFolderPath).currentDirectoryPath = "" }
}
