// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Testing

@testable import Platform

@Suite struct SignalNameTests {
    @Test(
        arguments: [
            (SIGSEGV, "SIGSEGV"), (SIGKILL, "SIGKILL"), (SIGABRT, "SIGABRT"), (SIGILL, "SIGILL"),
            (SIGTRAP, "SIGTRAP"), (SIGBUS, "SIGBUS"), (SIGXCPU, "SIGXCPU"), (SIGTERM, "SIGTERM"),
        ]
    )
    func aSignalHasItsNameFromSignal7(number: Int32, name: String) {
        #expect(SignalName.of(number) == name)
    }

    @Test func eachStandardSignalThatEndsAProcessHasItsOwnName() {
        // These signals do not end a process by default: they stop it, continue it or are ignored
        // (signal(7)).
        let harmless = [SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH]
        let names = (1...31 as ClosedRange<Int32>).filter { !harmless.contains($0) }.map(SignalName.of)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.hasPrefix("SIG") })
    }

    @Test func aSignalWithoutANameIsShownAsItsNumber() {
        #expect(SignalName.of(40) == "signal 40")
    }
}
