// SPDX-License-Identifier: MIT
// fetchpool

/// An error that ends a run or prevents its start.
package enum RunError: Error, Hashable, Sendable, CustomStringConvertible {
    /// An unusable file, folder or pipe, an unusable message of the parent coordinator, or input that does
    /// not fit a resumed run.
    case io(String)
    /// Workers that cannot start, or missing system resources.
    case cannotStart(String)
    /// The reader of the output has closed its end.
    case readerLeft

    /// The exit status for this error; 141 is 128 plus the number of SIGPIPE, as in a shell.
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
        case .readerLeft: "the reader of the output is gone"
        }
    }
}
