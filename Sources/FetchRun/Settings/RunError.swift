// SPDX-License-Identifier: MIT
// fetchpool

/// An error that ends a run or prevents its start; the message names the file or option to change.
package enum RunError: Error, Hashable, Sendable, CustomStringConvertible {
    /// An input, output or spool that cannot be used.
    case io(String)
    /// Workers that cannot start, or missing system resources.
    case cannotStart(String)
    /// The reader of the output has closed its end.
    case readerLeft

    /// The exit status for this error.
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
