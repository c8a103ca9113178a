// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

/// What is known of a transfer that libcurl gave up: enough to say why, and nothing else.
struct TransferFault {
    /// libcurl's result code.
    var code: CURLcode
    /// What libcurl says about it; empty if nothing.
    var text: String
    /// Why our own callback refused more; `nil` if none did.
    var refusal: TaskError?
    /// Whether a request could be sent (CURLINFO_PRETRANSFER_TIME_T above 0).
    var wasReadyToSend: Bool
    /// Whether the last answer was a redirect.
    var wasRedirected: Bool
    /// Whether the last answer had begun and its header was not whole.
    var wasInHeader = false
    /// True if the last answer had begun.
    var wasInAnswer = false

    /// Whether the text of libcurl holds `part`.
    ///
    /// Where one code stands for two failures, only the text tells them apart.
    func says(_ part: String) -> Bool { text.contains(part) }
}
