// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The names of signals, as records say them.
enum SignalName {
    private static let names: [Int32: String] = [
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
        SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGUSR1: "SIGUSR1",
        SIGSEGV: "SIGSEGV", SIGUSR2: "SIGUSR2", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM",
        SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ", SIGSYS: "SIGSYS", SIGSTKFLT: "SIGSTKFLT", SIGIO: "SIGIO",
        SIGPROF: "SIGPROF", SIGVTALRM: "SIGVTALRM", SIGPWR: "SIGPWR",
    ]

    /// The name of a signal; a number where it has none.
    static func of(_ number: Int32) -> String { names[number] ?? "signal \(number)" }
}
