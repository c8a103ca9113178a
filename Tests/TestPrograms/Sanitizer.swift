// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc

/// The sanitizers with which the tests and the programs were built.
package enum Sanitizer {
    /// True if this program was built with the address or the thread sanitizer.
    ///
    /// In such a build, workers do not set their own memory limits. The pool still checks the memory of
    /// workers.
    package static var isUsed: Bool {
        unsafe dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil
    }

    /// Returns how often a test repeats what may go wrong by chance: `count` times, or a quarter of `count`,
    /// rounded up, with a sanitizer.
    ///
    /// A sanitizer makes a test several times slower, and reports a race even if the race does no harm in
    /// this run.
    package static func rounds(_ count: Int) -> Int { isUsed ? (count + 3) / 4 : count }

    /// The environment variables that let the signals of a crash end a program of this build; empty without a
    /// sanitizer.
    ///
    /// By default, a sanitizer and Swift's crash handler handle these signals, and the program then exits
    /// with a status. Options from the environment of the tests override these options.
    package static let environment: [String: String] = {
        guard isUsed else { return [:] }
        var variables = ["SWIFT_BACKTRACE": "enable=no"]
        for name in ["ASAN_OPTIONS", "TSAN_OPTIONS"] {
            let own = ProcessInfo.processInfo.environment[name].map { ":\($0)" } ?? ""
            variables[name] = "handle_segv=0:handle_sigill=0:handle_abort=0\(own)"
        }
        return variables
    }()
}
