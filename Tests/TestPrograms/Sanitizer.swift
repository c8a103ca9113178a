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
    /// The workers' memory limits do not apply in such a build.
    package static var isUsed: Bool { unsafe isAddress || dlsym(nil, "__tsan_init") != nil }
}
