// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The sanitizers with which the tests and the programs were built.
package enum Sanitizer {
    /// True if the address sanitizer watches this program: it adds memory of its own to each allocation.
    package static var isAddress: Bool { unsafe dlsym(nil, "__asan_init") != nil }

    /// True if the address or the thread sanitizer watches this program: no limit of memory applies then.
    package static var isUsed: Bool { unsafe isAddress || dlsym(nil, "__tsan_init") != nil }
}
