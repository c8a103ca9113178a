// SPDX-License-Identifier: MIT
// fetchpool

import CLinux

/// The names of signals, as used in records.
package enum SignalName {
    /// Returns the name of a signal from signal(7), such as `SIGSEGV`; for a signal without a name, a text
    /// such as `signal 40`.
    package static func of(_ number: Int32) -> String {
        guard let name = unsafe clinux_signal_name(number) else { return "signal \(number)" }
        return unsafe "SIG" + String(cString: name)
    }

    /// Returns a text such as `signal SIGSEGV` or `signal 40`.
    package static func text(_ number: Int32) -> String {
        let name = of(number)
        return name.hasPrefix("SIG") ? "signal \(name)" : name
    }
}
