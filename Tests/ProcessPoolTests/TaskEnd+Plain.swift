// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool

extension WorkerExit {
    /// The exit without the data that only a real process has.
    var plain: WorkerExit { WorkerExit(signal: signal, status: status, isOutOfMemory: isOutOfMemory) }
}

extension TaskEnd {
    /// The end without texts, and without the data that only a real process has.
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

    /// The error message in the record of an unusable result.
    var complaint: String? {
        if case .brokeProtocol(let complaint, _) = self { complaint } else { nil }
    }
}
