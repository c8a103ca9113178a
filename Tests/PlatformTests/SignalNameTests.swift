// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Testing

@testable import Platform

@Suite("Signal names")
struct SignalNameTests {
    @Test(
        "a signal is called as in signal(7)",
        arguments: [
            (SIGSEGV, "SIGSEGV"), (SIGKILL, "SIGKILL"), (SIGABRT, "SIGABRT"), (SIGILL, "SIGILL"),
            (SIGTRAP, "SIGTRAP"), (SIGBUS, "SIGBUS"), (SIGXCPU, "SIGXCPU"), (SIGTERM, "SIGTERM"),
        ]
    )
    func names(number: Int32, name: String) {
        #expect(SignalName.of(number) == name)
    }

    @Test("no two signals share a name, and each signal that ends a process has one")
    func all() {
        // These signals do not end a process by default: they stop it, continue it or are ignored
        // (signal(7)).
        let harmless = [SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH]
        let names = (1...31 as ClosedRange<Int32>).filter { !harmless.contains($0) }.map(SignalName.of)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.hasPrefix("SIG") })
    }

    @Test("a signal without a name is told by its number")
    func realTime() {
        #expect(SignalName.of(40) == "signal 40")
    }
}
