// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool

extension WorkerExit {
    /// The exit without what only a real process has.
    var plain: WorkerExit { WorkerExit(signal: signal, status: status, isOutOfMemory: isOutOfMemory) }
}

extension TaskEnd {
    /// The end without words, and without what only a real process has.
    var plain: TaskEnd {
        switch self {
        case .crashed(let exit): .crashed(exit.plain)
        case .pastDeadline(let exit): .pastDeadline(exit.plain)
        case .lost(let exit): .lost(exit.plain)
        case .unstartable(let exit): .unstartable(exit.plain)
        case .brokeProtocol: .brokeProtocol("")
        case .cancelled: .cancelled
        }
    }

    /// What the record says of an answer that could not be used.
    var complaint: String? {
        if case .brokeProtocol(let complaint) = self { complaint } else { nil }
    }
}
