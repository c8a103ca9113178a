// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension JSONWriter {
    /// Writes the result of the task `seq` as a complete line.
    ///
    /// If the result has a fault or is too long for a line, the function writes a failure of the task in
    /// place of the result.
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
    ///
    /// The class and the message are cut to 64 KiB each. The description of an error can hold a whole page,
    /// and a line that is too long would hide the reason.
    mutating func writeFailure(_ seq: Int, _ failure: TaskFailure) {
        writeResultMessage(seq: seq) { writer in
            writer.error(
                class: failure.errorClass.prefix(bytes: TaskFailure.maxTextBytes),
                message: failure.message.prefix(bytes: TaskFailure.maxTextBytes),
                retryable: failure.isRetryable
            )
        }
    }
}

extension String {
    /// Returns the longest start of the text that has at most `most` bytes in UTF-8 and cuts no character
    /// (Unicode scalar).
    fileprivate func prefix(bytes most: Int) -> String {
        guard var end = utf8.index(startIndex, offsetBy: most, limitedBy: endIndex) else { return self }
        while end < endIndex, utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
