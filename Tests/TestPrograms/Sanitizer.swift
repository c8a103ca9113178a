// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The sanitizers with which the tests and the programs were built.
package enum Sanitizer {
    /// True if this program was built with the address sanitizer, which adds its own memory to each
    /// allocation.
    package static var isAddress: Bool { unsafe dlsym(nil, "__asan_init") != nil }

    /// True if this program was built with the address or the thread sanitizer.
    ///
    /// In such a build, workers do not set their own memory limits. The pool still checks the memory of
    /// workers.
    package static var isUsed: Bool { unsafe isAddress || dlsym(nil, "__tsan_init") != nil }
}
