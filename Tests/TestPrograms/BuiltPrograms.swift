// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc

/// The programs that were built together with the tests.
package enum BuiltPrograms {
    /// The folder of the programs, which also contains the running test program.
    package static let folder: String = {
        let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: tests ?? CommandLine.arguments[0]).deletingLastPathComponent().path
    }()

    /// Returns the path of a program; a name with a slash is already a path.
    package static func path(_ name: String) -> String {
        name.contains("/") ? name : folder + "/" + name
    }

    /// The environment of the programs.
    ///
    /// Only a few variables come from the environment of the tests, so that tests depend little on that
    /// environment. Swift's crash handler is off: it is slow, and with it a program survives a SIGSEGV that
    /// another process sent.
    static let environment: [String] = {
        let own = ProcessInfo.processInfo.environment
        var variables = own.filter { ["TMPDIR", "LD_LIBRARY_PATH", "LSAN_OPTIONS"].contains($0.key) }
        variables.merge(Sanitizer.environment) { $1 }
        variables["SWIFT_BACKTRACE"] = "enable=no"
        variables["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        variables["LC_ALL"] = "C.UTF-8"
        return variables.map { "\($0.key)=\($0.value)" }
    }()
}
