// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import PoolWire

// What an answer says of its host.

extension RetryPolicy {
    /// What the answer of a fetch worker says, which `error` is what went wrong of.
    func end(of answer: Answer, _ error: TaskError?) -> FetchEnd {
        if let error, !error.isOfStatus { return end(status: answer.status, error.errorClass) }
        guard let status = answer.status else { return answer.result == nil ? .unknown : .good }
        let end = end(status: status, answer.retryAfterSeconds)
        return end == .good ? .good(answer) : end
    }

    /// What the record of a coordinator below says, and the seconds that it names beside it.
    func end(of record: MadeRecord, _ retryAfter: Double?) -> FetchEnd {
        guard let status = record.status else { return end(status: nil, record.errorClass) }
        return end(status: status, retryAfter)
    }

    private func end(status: Int, _ retryAfter: Double?) -> FetchEnd {
        if FetchEnd.isRefusal(status) { return .refused(retryAfter: kept(retryAfter, status: status)) }
        return isRetried(status) ? .poor : .good
    }

    private func end(status: Int?, _ errorClass: ErrorClass?) -> FetchEnd {
        guard status == nil else { return .poor }
        return switch errorClass {
        case .dns: .unanswered(.notFound)
        case .connect: .unanswered(.unconnected)
        case .timeoutConnect, .timeoutTotal, .lowSpeed, .reset: .silent
        // Somebody is there, and says what cannot be used.
        case .tls, .protocol, .tooLarge, .decompress, .redirects, .httpStatus, .rateLimited: .poor
        default: .unknown
        }
    }
}

extension FetchEnd {
    /// The end of a fetch whose answer says nothing against another one.
    static func good(_ answer: Answer) -> FetchEnd { answer.isMultiplexed ? .goodMultiplexed : .good }
}

extension TaskError {
    /// Whether the final status is the failure, and not what came of the connection or the body.
    var isOfStatus: Bool { errorClass == .httpStatus || errorClass == .rateLimited }
}
