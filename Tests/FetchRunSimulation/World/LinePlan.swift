// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform

/// The properties of an input line that are decided before the run.
struct LinePlan {
    /// The content of the line.
    enum Kind { case get, getObject, post, patientPost, blank, comment, notJSON, badScheme, badMethod }

    let kind: Kind
    let host: Int
    let result: PlannedResult
    let fetching: Behavior
    let processing: Behavior
    /// The number of attempts with the planned behaviour, counted for each stage.
    ///
    /// Later attempts have the behaviour `work`.
    let relapses: Int
    /// The time of processing, in nanoseconds.
    let nanoseconds: Int

    /// True if the line is a valid task.
    var isTask: Bool {
        switch kind {
        case .get, .getObject, .post, .patientPost: true
        case .blank, .comment, .notJSON, .badScheme, .badMethod: false
        }
    }

    /// The method in the record of the line; `nil` if the record must have no method.
    var recordedMethod: String? {
        switch kind {
        case .post, .patientPost: "POST"
        case .badMethod: "FETCH"
        case .get, .getObject, .blank, .comment, .notJSON, .badScheme: nil
        }
    }

    /// True if the line gets a record.
    var hasRecord: Bool { kind != .blank && kind != .comment }

    /// True unless the line is a POST without `idempotent`.
    var mayRepeat: Bool { kind != .post }

    /// Returns the text of the line for its index, which counts from 0.
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

    /// Returns the index that `text(at:)` has put at the end of a URL; `nil` if the URL does not end with an
    /// index.
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

/// The reaction of the network to a request.
enum PlannedResult: Equatable {
    /// The status 200 and a body of `bytes` bytes; if `isInline` is true, the body is never stored in the
    /// spool.
    case page(bytes: Int, isInline: Bool)
    /// A status below 400, without a body.
    case empty(status: Int)
    /// A status of 400 or more, without a body.
    case refusal(status: Int)
    /// An error instead of a response.
    case fault(ErrorClass)

    /// The status; `nil` for an error.
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

/// The effect of a task on its worker.
enum Behavior: String, CaseIterable {
    /// The task succeeds.
    case work
    /// The worker dies when it begins the task, halfway, after a part of the result, or after the whole
    /// result.
    case dieOnReading, dieHalfway, dieInResult, dieAfterResult
    /// The worker never finishes the task; a frozen worker also sends no more regular beats.
    case hang, freeze
    /// The worker writes an invalid line or invalid UTF-8 instead of the result.
    ///
    /// With `chatter`, the worker writes a dozen stray lines, and then the result.
    case babble, badText, chatter
    /// The worker closes its output and stays alive.
    case closeOutput
    /// The worker takes more memory than a limit allows, and never finishes the task.
    case outgrow
    /// The worker exits with status 0.
    case leave
    /// The worker sends an empty result.
    case sayNothing
    /// The worker reports an error.
    case reportError
    /// The worker names a body of another worker, a body above the limit, or a body by its path.
    case nameOthersBody, nameHugeBody, namePath
    /// The worker sends a field that only the coordinator may write, or a value of the wrong type.
    case forgeField

    /// The behaviours that can happen in a fetch worker.
    static let ofFetching: [Behavior] = [
        .dieOnReading, .dieHalfway, .dieInResult, .dieAfterResult, .hang, .freeze, .babble, .badText,
        .chatter,
        .closeOutput, .leave, .sayNothing, .nameOthersBody, .nameHugeBody, .namePath, .forgeField,
    ]

    /// The behaviours that can happen in a processing worker.
    static let ofProcessing: [Behavior] = [
        .dieOnReading, .dieHalfway, .dieInResult, .dieAfterResult, .hang, .freeze, .babble, .badText,
        .chatter,
        .closeOutput, .outgrow, .leave, .sayNothing, .reportError,
    ]
}
