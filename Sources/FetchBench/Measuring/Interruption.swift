// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Synchronization

/// Whether somebody wants the benchmark to end: what it wrote and started has to go with it.
enum Interruption {
    private static let asked = Atomic(false)

    /// Whether a signal came.
    static var isAsked: Bool { asked.load(ordering: .relaxed) }

    /// Listens to Ctrl-C and its like from now on.
    static func listen() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in Interruption.asked.store(true, ordering: .relaxed) }
        }
    }
}
