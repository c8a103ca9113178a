// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc

/// The programs that were built beside the tests.
package enum BuiltPrograms {
    /// The folder in which they lie: the one of the running test program.
    package static let folder: String = {
        let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: tests ?? CommandLine.arguments[0]).deletingLastPathComponent().path
    }()

    /// The path of a program; a name with a slash in it is one already.
    package static func path(_ name: String) -> String {
        name.contains("/") ? name : folder + "/" + name
    }

    /// The environment that programs get.
    ///
    /// It is little, so that a test does not depend on who runs it. Swift's crash handler is off: it survives a
    /// SIGSEGV that was sent, and is slow.
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
