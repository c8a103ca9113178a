// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The action of SIGCHLD in this process.
enum ChildSignal {
    /// Makes the kernel keep the exit status of each ended child until the child is waited for.
    ///
    /// The kernel keeps no status if SIGCHLD is ignored, or if its action has SA_NOCLDWAIT (wait(2)). A
    /// program inherits an ignored signal from the program that started it (signal(7)). This function gives
    /// an ignored SIGCHLD its default action, and removes SA_NOCLDWAIT. A handler stays.
    static func keepStatus() {
        var action = sigaction()
        guard unsafe sigaction(SIGCHLD, nil, &action) == 0 else { return }
        let isIgnored = SignalWatch.isIgnored(action)
        guard isIgnored || action.sa_flags & SA_NOCLDWAIT != 0 else { return }
        if isIgnored { unsafe action.__sigaction_handler.sa_handler = SIG_DFL }
        action.sa_flags &= ~SA_NOCLDWAIT
        unsafe sigaction(SIGCHLD, &action, nil)
    }
}
