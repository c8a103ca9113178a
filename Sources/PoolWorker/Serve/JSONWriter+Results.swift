// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension JSONWriter {
    /// Writes the result of the task `seq` as a complete line.
    ///
    /// If the result has a fault or is too long for a line, the function writes a failure instead.
    mutating func writeResult(_ seq: Int, _ result: JSONResult) {
        if let fault = result.fault { return writeFailure(seq, TaskFailure(fault.description)) }
        let limit = WireLimits.maxResultBytes
        guard result.bytes.count <= limit else {
            let failure = TaskFailure(
                "the result has \(result.bytes.count) bytes, and no option allows more than \(limit) (16 MiB − 256); return a smaller result"
            )
            return writeFailure(seq, failure)
        }
        writeResultMessage(seq: seq) { writer in
            writer.name("result")
            writer.raw(result.bytes)
        }
    }

    /// Writes the failure of the task `seq` as a complete line.
    mutating func writeFailure(_ seq: Int, _ failure: TaskFailure) {
        writeResultMessage(seq: seq) { writer in
            writer.error(
                class: failure.errorClass,
                message: failure.message,
                retryable: failure.isRetryable
            )
        }
    }
}
