// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool

extension WorkerExit {
    /// The exit with only its signal, status and `isOutOfMemory`, so that tests can compare the exit.
    var plain: WorkerExit { WorkerExit(signal: signal, status: status, isOutOfMemory: isOutOfMemory) }
}

extension TaskEnd {
    /// The end with a plain exit; for `brokeProtocol`, without its text and exit.
    var plain: TaskEnd {
        switch self {
        case .crashed(let exit): .crashed(exit.plain)
        case .pastDeadline(let exit): .pastDeadline(exit.plain)
        case .lost(let exit): .lost(exit.plain)
        case .unstartable(let exit): .unstartable(exit.plain)
        case .brokeProtocol: .brokeProtocol("", nil)
        case .cancelled: .cancelled
        }
    }

    /// The error message of `brokeProtocol`; `nil` for any other end.
    var complaint: String? {
        if case .brokeProtocol(let complaint, _) = self { complaint } else { nil }
    }
}
