// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc
import Platform
import PoolWire

/// What to start as a worker.
package struct WorkerCommand: Hashable, Sendable {
    /// The program's file, with its path.
    package var executable: String
    /// The words after the program's name.
    package var arguments: [String]
    /// What becomes the program after it has set limits for it: a program and its words, which come before the others.
    ///
    /// Empty for workers that do so themselves. One that says in its `hello` that it does is started without from then on.
    package var launcher: [String]
    /// True while the launcher must stand before the program in any case.
    package var needsLauncher = false

    /// Describes a program and its words.
    package init(executable: String, arguments: [String] = [], launcher: [String] = []) {
        self.executable = executable
        self.arguments = arguments
        self.launcher = launcher
    }

    /// What users know it by.
    package var shownName: String { ([executable] + arguments).joined(separator: " ") }

    /// The words to start it with, the program first.
    func words(isSelfLimiting: Bool) -> [String] {
        (isSelfLimiting && !needsLauncher ? [] : launcher) + [executable] + arguments
    }
}

/// The environment that workers get: our own, and how crashes are told.
package enum WorkerEnvironment {
    /// The Swift runtime's crash handler costs a crash 13 ms and fills the tail of standard error; users may set it.
    static let usual = variables(swiftBacktrace: "enable=no")

    /// A worker that gets a task which another died of is worth the crash handler, so that the record says where.
    static let forRetry = variables(
        swiftBacktrace:
            "enable=yes,color=no,threads=crashed,registers=none,images=none,limit=16,sanitize=yes,symbolicate=fast"
    )

    /// True while some variable is no UTF-8: Foundation cannot hand it on as it is, but our launcher can.
    package static let needsLauncher = usual.contains { $0.key.hasSystemEscapes || $0.value.hasSystemEscapes }

    private static func variables(swiftBacktrace: String) -> [String: String] {
        var variables: [String: String] = [:]
        var place: Int32 = 0
        while let variable = unsafe clinux_variable(place) {
            place += 1
            let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: variable, count: strlen(variable)))
            guard let sign = bytes.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(systemBytes: Array(bytes[..<sign]))
            // Of two with one name getenv(3) takes the first.
            if variables[name] == nil { variables[name] = String(systemBytes: Array(bytes[(sign + 1)...])) }
        }
        if variables["SWIFT_BACKTRACE"] == nil { variables["SWIFT_BACKTRACE"] = swiftBacktrace }
        // A crash of Python, or of C code below it, then says in which file and line.
        if variables["PYTHONFAULTHANDLER"] == nil { variables["PYTHONFAULTHANDLER"] = "1" }
        return variables
    }
}
