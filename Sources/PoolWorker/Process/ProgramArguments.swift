// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc
import Platform
import PoolWire

/// The arguments of this program, byte for byte, even if `/proc` is not mounted.
package enum ProgramArguments {
    /// The arguments without the program's name; for bytes that are not UTF-8, see
    /// `String.init(systemBytes:)`.
    package static var words: [String] { Array(all.dropFirst()) }

    /// Returns the arguments without the program's name, and then overwrites the passwords of URLs in the
    /// command line (`clinux_hide_passwords`).
    ///
    /// Other users can read the command line in `/proc`. Call this function only once: later reads of the
    /// arguments give `*` in place of each byte of the passwords.
    package static func takeWords() -> [String] {
        defer { clinux_hide_passwords() }
        return words
    }

    /// The program's name, as the starting process gave it; empty if there is none.
    package static var programName: String { all.first ?? "" }

    /// The path by which execve(2) started this program; empty if it is not known.
    package static var executable: String { unsafe text(clinux_executable()) ?? "" }

    private static var all: [String] {
        var words: [String] = []
        while let word = unsafe text(clinux_argument(Int32(words.count))) { words.append(word) }
        return words
    }

    private static func text(_ bytes: UnsafePointer<CChar>?) -> String? {
        // The text ends with a zero byte, and is not freed before the process ends.
        guard let bytes = unsafe bytes else { return nil }
        return unsafe String(systemBytes: [UInt8](UnsafeRawBufferPointer(start: bytes, count: strlen(bytes))))
    }
}
