// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform

/// What is known of a line of input before the run.
struct LinePlan {
    /// What stands there.
    enum Kind { case get, getObject, post, patientPost, blank, comment, notJSON, badScheme, badMethod }

    let kind: Kind
    let host: Int
    let answer: PlannedAnswer
    let fetching: Deed
    let processing: Deed
    /// At how many tries the deeds are done; then all goes well.
    let relapses: Int
    /// Nanoseconds of processing.
    let nanoseconds: Int

    /// Whether a task comes of it.
    var isTask: Bool {
        switch kind {
        case .get, .getObject, .post, .patientPost: true
        case .blank, .comment, .notJSON, .badScheme, .badMethod: false
        }
    }

    /// Whether it gets a record.
    var hasRecord: Bool { kind != .blank && kind != .comment }

    /// Whether the request may be sent twice.
    var mayRepeat: Bool { kind != .post }

    /// The line, which stands at `index`.
    func text(at index: Int) -> String {
        let url = "http://h\(host).test/\(index)"
        return switch kind {
        case .get: index % 2 == 0 ? url : "  \(url)\r"
        case .getObject: #"{"url":"\#(url)","id":"\#(index + 1)","meta":[\#(index)],"timeout_s":1.5}"#
        case .post: #"{"url":"\#(url)","method":"POST","body":"\#(index)"}"#
        case .patientPost: #"{"url":"\#(url)","method":"POST","idempotent":true}"#
        case .blank: index % 2 == 0 ? "" : " \t"
        case .comment: "# line \(index + 1)"
        case .notJSON: #"{"url":"\#(url)""#
        case .badScheme: "ftp://h\(host).test/\(index)"
        case .badMethod: #"{"url":"\#(url)","method":"FETCH"}"#
        }
    }

    /// The line of a URL that `text` made; `nil` if it made none such.
    static func index(inURL url: Span<UInt8>) -> Int? {
        var (number, place, hasDigits) = (0, 1, false)
        for position in url.indices.reversed() {
            if url[position] == UInt8(ascii: "/") { return hasDigits ? number : nil }
            let digit = Int(url[position]) - 0x30
            guard (0...9).contains(digit), place < 1 << 50 else { return nil }
            (number, place, hasDigits) = (number + digit * place, place * 10, true)
        }
        return nil
    }
}

/// What the network has for a request.
enum PlannedAnswer: Equatable {
    /// A body of so many bytes: text that fits into a line, or one for the spool.
    case page(bytes: Int, isInline: Bool)
    /// A status without a body.
    case empty(status: Int)
    /// A status of 400 or more.
    case refusal(status: Int)
    /// No answer at all.
    case fault(ErrorClass)

    /// The status, where there is one.
    var status: Int? {
        switch self {
        case .page: 200
        case .empty(let status), .refusal(let status): status
        case .fault: nil
        }
    }

    var isPage: Bool {
        if case .page = self { true } else { false }
    }
}

/// What a task does to the worker that works on it.
enum Deed: String, CaseIterable {
    /// It is done.
    case work
    /// The worker dies of it: on reading it, halfway, with half of the answer written, with all of it written.
    case dieOnReading, dieHalfway, dieInAnswer, dieAfterAnswer
    /// It never ends; a worker that is frozen says no more that it lives.
    case hang, freeze
    /// In place of an answer: what is none, what is no UTF-8, a dozen stray lines and then the answer.
    case babble, badText, chatter
    /// It closes its output and lives on.
    case closeOutput
    /// It takes more memory than it may.
    case outgrow
    /// It exits with status 0 as if all were well.
    case leave
    /// An answer that says nothing.
    case sayNothing
    /// An error is reported.
    case reportError
    /// A body is named that is another worker's, larger than allowed, or given by a path.
    case nameOthersBody, nameHugeBody, namePath
    /// A field is named that only the coordinator may write.
    case forgeField

    /// What may happen in a fetch worker.
    static let ofFetching: [Deed] = [
        .dieOnReading, .dieHalfway, .dieInAnswer, .dieAfterAnswer, .hang, .freeze, .babble, .badText,
        .chatter,
        .closeOutput, .leave, .sayNothing, .nameOthersBody, .nameHugeBody, .namePath, .forgeField,
    ]

    /// What may happen in a processing worker.
    static let ofProcessing: [Deed] = [
        .dieOnReading, .dieHalfway, .dieInAnswer, .dieAfterAnswer, .hang, .freeze, .babble, .badText,
        .chatter,
        .closeOutput, .outgrow, .leave, .sayNothing, .reportError,
    ]
}
