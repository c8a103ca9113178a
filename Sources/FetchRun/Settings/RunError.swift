// SPDX-License-Identifier: MIT
// fetchpool

/// Why a run cannot begin or go on; the message names the file or option to change.
package enum RunError: Error, Hashable, Sendable, CustomStringConvertible {
    /// An input, output or spool that cannot be used.
    case io(String)
    /// Workers that cannot start.
    case cannotStart(String)
    /// The reader of our output is gone.
    case readerLeft

    /// The exit status that says so.
    package var exitStatus: Int32 {
        switch self {
        case .io: 3
        case .cannotStart: 4
        case .readerLeft: 141
        }
    }

    package var description: String {
        switch self {
        case .io(let message), .cannotStart(let message): message
        case .readerLeft: "the reader of standard output is gone"
        }
    }
}
