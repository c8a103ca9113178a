// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Synchronization

/// A flag that SIGINT, SIGTERM and SIGHUP set; the benchmark then ends its programs, removes its files and
/// exits.
enum Interruption {
    private static let asked = Atomic(false)

    /// True once a signal has arrived.
    static var isAsked: Bool { asked.load(ordering: .relaxed) }

    /// Installs the handlers of the signals.
    static func listen() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in Interruption.asked.store(true, ordering: .relaxed) }
        }
    }
}
