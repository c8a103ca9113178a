// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc
import Platform
import PoolWire

/// What this program was started with, byte for byte, also where `/proc` is not mounted.
package enum ProgramArguments {
    /// The words of the command line without the program's name; bytes that are no UTF-8 stand in them as
    /// `String.init(systemBytes:)` says.
    package static var words: [String] { Array(all.dropFirst()) }

    /// The program's name as whoever started it gave it.
    package static var programName: String { all.first ?? "" }

    /// The path that this program was started by, as it was resolved by then; empty if that is not known.
    package static var executable: String { unsafe text(clinux_executable()) ?? "" }

    private static var all: [String] {
        var words: [String] = []
        while let word = unsafe text(clinux_argument(Int32(words.count))) { words.append(word) }
        return words
    }

    private static func text(_ bytes: UnsafePointer<CChar>?) -> String? {
        // It ends with a zero, and stays as long as the process.
        guard let bytes = unsafe bytes else { return nil }
        return unsafe String(systemBytes: [UInt8](UnsafeRawBufferPointer(start: bytes, count: strlen(bytes))))
    }
}
