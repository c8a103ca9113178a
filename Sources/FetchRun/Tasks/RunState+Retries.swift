// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import PoolWire
import ProcessPool

// The end of a fetch: its effects on the host, and the retry of a failed fetch.

extension RunState {
    /// Ends a fetch that is not retried, with an end other than `noResponse`.
    ///
    /// `took` is the time of the fetch in milliseconds, or `nil` if it is not known.
    mutating func endFetch(
        of item: RunItem,
        _ end: FetchEnd,
        took milliseconds: Double?,
        at now: PoolTime
    ) {
        _ = frontier.end(item.ticket, end, took: milliseconds, at: now, using: &chance)
    }

    /// Ends a fetch and its task in the most frequent case; otherwise returns `false` and changes nothing.
    ///
    /// The most frequent case: the fetch has succeeded at the first attempt, and `isPlain` is true. Call this
    /// function only if the run does not process responses (`ProcessStage`).
    mutating func endWell(
        _ token: Int,
        _ message: ResultMessage,
        in line: Span<UInt8>,
        by worker: WorkerView,
        at now: @autoclosure () -> PoolTime
    ) -> Bool {
        guard message.error == nil, message.record == nil,
            message.status.map({ $0 < 400 }) ?? (message.result != nil),
            isPlain, items.isUsual(token)
        else { return false }
        fetchesInFlight -= 1
        sink.count(fetched: message)
        let ticket = items.ticket(token)
        if ticket.host != 0 {
            let end = retryPolicy.end(of: message, nil)
            _ = frontier.end(ticket, end, took: message.totalMilliseconds, at: now(), using: &chance)
        }
        endUsual(token, message, in: line, by: worker)
        return true
    }

    /// A failed fetch, as described by its worker.
    struct Failure {
        /// The meaning of the failure for the host.
        var end: FetchEnd
        var error: TaskError
        var status: Int?
        /// The time of `Retry-After`, in seconds; `nil` if there is none.
        var retryAfterSeconds: Double?
        /// False if the server has certainly not processed a request.
        var wasSent = true
        var totalMilliseconds: Double?
    }

    /// Ends a failed fetch; returns the ending of the task, or `nil` if the task waits to be fetched again.
    mutating func settle(
        _ item: RunItem,
        _ ending: RecordSink.Ending,
        _ failure: Failure,
        at now: PoolTime
    ) -> RecordSink.Ending? {
        let error = failure.error
        let before = retryPolicy
        let failed = Self.failedFetch(of: item, failure)
        let pause = failed.mayRepeat ? waitForProxy(item, error, at: now) : nil
        let end = pause == nil ? failure.end : .unknown
        var final = ending
        var again: (task: WaitingTask, wait: Int)?
        let verdict = pause.map { RetryPolicy.Verdict.again(wait: $0) }
        switch verdict ?? retryPolicy.decide(failed, using: &chance) {
        case .again(let wait):
            let total = Int((failure.totalMilliseconds ?? 0) * 1_000)
            again =
                pause == nil
                ? (item.waiting(after: error.errorClass, microseconds: total, at: now), wait)
                : (item.waitingForProxy(at: now), wait)
        case .final: break
        case .askedForTooLong(let seconds): final.error = .rateLimited(seconds: seconds)
        case .notRepeatable:
            final.error?.message +=
                "; not tried again: the request may have been processed (\"idempotent\":true says that it may be sent twice)"
        case .budgetSpent:
            final.error?.message += "; not tried again: a fifth of all requests are retries already"
        }
        let took = failure.totalMilliseconds
        if frontier.end(item.ticket, end, again: again, took: took, at: now, using: &chance) {
            giveUp(item.ticket.host, error, at: now)
            guard again != nil else { return final }
            retryPolicy = before
            final.error?.message += "; not tried again: the host was given up"
            return final
        }
        return again == nil ? final : nil
    }

    /// Cancels the tasks that wait for a retry.
    mutating func cancelRetries(at now: PoolTime) {
        for waiting in frontier.withdrawRetries() { write(waiting, .cancelled, at: now) }
    }

    private static func failedFetch(of item: RunItem, _ failure: Failure) -> FailedFetch {
        let error = failure.error
        return FailedFetch(
            status: error.isOfStatus ? failure.status : nil,
            errorClass: error.errorClass,
            isRetryable: error.isRetryable,
            retryAfter: failure.retryAfterSeconds,
            fetches: item.fetches,
            mayRepeat: item.task.isIdempotent || !failure.wasSent
                || error.isBeforeRequest(status: failure.status),
            hadDNSFailure: !error.isUnansweredLookup
                && item.earlierAttempts.contains { $0.errorClass == .dns }
        )
    }
}

extension RunItem {
    /// Returns the waiting task for a retry after a failed attempt.
    fileprivate func waiting(after errorClass: ErrorClass, microseconds: Int, at now: PoolTime) -> WaitingTask
    {
        var waiting = WaitingTask(task)
        waiting.fetches = fetches
        waiting.earlierAttempts =
            earlierAttempts + [EarlierAttempt(errorClass: errorClass, microseconds: microseconds)]
        waiting.failedAt = now
        return waiting
    }

    /// Returns the waiting task after a fetch that did not reach the proxy; `fetches` does not count this
    /// fetch.
    fileprivate func waitingForProxy(at now: PoolTime) -> WaitingTask {
        var waiting = WaitingTask(task)
        (waiting.fetches, waiting.earlierAttempts, waiting.failedAt) = (fetches - 1, earlierAttempts, now)
        waiting.lacksProxy = true
        return waiting
    }
}

extension TaskError {
    /// Returns the error for a `Retry-After` that exceeds `--max-retry-after`.
    static func rateLimited(seconds: Double) -> TaskError {
        let message = "the server asks to be left alone for \(words(seconds)), longer than --max-retry-after"
        return TaskError(.rateLimited, message, isRetryable: true)
    }

    /// Returns a time as text, rounded up; years are rounded down.
    private static func words(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds, 0), 1e9).rounded(.up))
        func units(of size: Int) -> Int { (whole + size - 1) / size }
        return switch whole {
        case ...600: "\(whole) s"
        case ...7_200: "\(units(of: 60)) minutes"
        case ...172_800: "\(units(of: 3_600)) hours"
        case ...63_115_199: "\(units(of: 86_400)) days"
        default: "more than \(whole / 31_557_600) years"
        }
    }
}

// The meaning of a result for its host.

extension RetryPolicy {
    /// Returns the meaning of a fetch worker's result for the host; `error` is the error of a failed fetch,
    /// and `nil` for any other fetch.
    func end(of message: ResultMessage, _ error: TaskError?, in line: Span<UInt8>) -> FetchEnd {
        let object = message.fields.map { $0.lowerBound - 1..<$0.upperBound + 1 }
        return end(of: message, error).ofFirstHost(object, in: line)
    }

    /// Returns the meaning of a fetch worker's result, without regard to redirects to another site.
    fileprivate func end(of message: ResultMessage, _ error: TaskError?) -> FetchEnd {
        if let error, error.isRefusalOfProxy { return .unknown }
        if let error, !error.isOfStatus { return end(status: message.status, error) }
        guard let status = message.status else { return message.result == nil ? .unknown : .good }
        let end = end(status: status, message.retryAfterSeconds)
        return end == .good ? .good(message) : end
    }

    /// Returns the meaning of a child coordinator's record for the host.
    ///
    /// The record stands at `range` in `line`. `retryAfter` is the time of `Retry-After` that the child sent
    /// with the record, in seconds; `nil` if there is none.
    func end(
        of record: RelayedRecord,
        _ retryAfter: Double?,
        at range: Range<Int>,
        in line: Span<UInt8>
    ) -> FetchEnd {
        end(of: record, retryAfter).ofFirstHost(range, in: line)
    }

    private func end(of record: RelayedRecord, _ retryAfter: Double?) -> FetchEnd {
        if let error = record.error, error.isRefusalOfProxy { return .unknown }
        guard let status = record.status else { return end(status: nil, record.error) }
        return end(status: status, retryAfter)
    }

    private func end(status: Int, _ retryAfter: Double?) -> FetchEnd {
        if FetchEnd.isRefusal(status) { return .refused(retryAfter: kept(retryAfter, status: status)) }
        return isRetried(status) ? .poor : .good
    }

    private func end(status: Int?, _ error: TaskError?) -> FetchEnd {
        if let error, error.isPauseOfProxy { return .refused(retryAfter: nil) }
        guard status == nil else { return .poor }
        if let error, error.isPassing { return .silent }
        return switch error?.errorClass {
        case .dns: .noResponse(.notFound)
        case .connect: .noResponse(.unconnected)
        case .timeoutConnect, .timeoutTotal, .lowSpeed, .reset: .silent
        // The host has responded, but with something unusable.
        case .tls, .protocol, .tooLarge, .decompress, .redirects, .httpStatus, .rateLimited: .poor
        default: .unknown
        }
    }
}

extension FetchEnd {
    /// Returns the end of a fetch whose response counts as good for the host, even with a status such as 404.
    static func good(_ message: ResultMessage) -> FetchEnd {
        message.isMultiplexed ? .goodMultiplexed : .good
    }

    /// Returns the end for the host of the task's URL.
    ///
    /// An end of the kind `poor`, `refused` or `noResponse` becomes `good` if a redirect led to another site:
    /// the first host has responded. `object` is the range of the object that can have the members
    /// `final_url` and `redirect_chain`. If `object` is `nil`, or if a member is missing, the function
    /// returns the end unchanged.
    fileprivate func ofFirstHost(_ object: Range<Int>?, in line: Span<UInt8>) -> FetchEnd {
        switch self {
        case .good, .goodMultiplexed, .unknown: return self
        case .poor, .refused, .noResponse:
            let isElsewhere = try? object.map { range throws(JSONSyntaxError) in
                try Self.leadsToOtherSite(JSONValue(kind: .object, range: range), in: line)
            }
            return isElsewhere == true ? .good : self
        }
    }

    private static func leadsToOtherSite(
        _ object: JSONValue,
        in line: Span<UInt8>
    ) throws(JSONSyntaxError) -> Bool {
        guard let chain = try line.member("redirect_chain", of: object), chain.kind == .array,
            let last = try line.member("final_url", of: object), last.kind == .string
        else { return false }
        var scanner = JSONScanner(at: chain.range.lowerBound)
        try scanner.enterArray(in: line)
        guard let hop = try scanner.nextElement(in: line), hop.kind == .object,
            let first = try line.member("url", of: hop), first.kind == .string,
            let from = HostKey(ofURL: line.extracting(first.range)),
            let to = HostKey(ofURL: line.extracting(last.range))
        else { return false }
        return !from.isOfSite(of: to)
    }
}

extension TaskError {
    /// True if the status is the reason for the failure.
    var isOfStatus: Bool { errorClass == .httpStatus || errorClass == .rateLimited }
}
