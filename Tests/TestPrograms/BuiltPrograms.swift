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
        let kept = ["TMPDIR", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"]
        let own = ProcessInfo.processInfo.environment
        return [
            "SWIFT_BACKTRACE=enable=no", "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "LC_ALL=C.UTF-8",
        ]
            + kept.compactMap { name in own[name].map { "\(name)=\($0)" } }
    }()
}
