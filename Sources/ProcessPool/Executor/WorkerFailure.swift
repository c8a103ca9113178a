// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// An error that a worker reported for a task.
public struct WorkerFailure: Hashable, Sendable, CustomStringConvertible {
    /// The name of the error's type in the worker, such as `ParseError`; `nil` if the worker named none.
    ///
    /// For a program, this is the member `class` of the error in the worker protocol.
    public var type: String?
    /// The error's description, or a text that says that the worker gave none.
    public var message: String

    /// Creates a failure.
    public init(type: String? = nil, message: String) { (self.type, self.message) = (type, message) }

    /// The type and the message; only the message if `type` is `nil`.
    public var description: String { type.map { "\($0): \(message)" } ?? message }

    /// The error class that a worker reports if it serves functions, but does not have the task's function.
    static let unknownFunction = "unknown_function"

    /// Returns the error of a result message with the member `error`.
    ///
    /// A program (`PoolWorkers.program`) chooses the classes of its errors. So the class `unknownFunction`
    /// has no special meaning if a program reports it.
    static func error(
        of result: ResultMessage,
        in line: Span<UInt8>,
        from workers: PoolWorkers
    ) -> ProcessPoolError {
        let type = result.errorClass.flatMap { line.mendedText(of: $0) }
            .map { String(decoding: $0, as: UTF8.self) }
        var message = "the worker gave no message"
        if let range = result.errorMessage,
            let value = try? JSONScanner.document(in: line.extracting(range), range: 0..<range.count),
            let text = line.extracting(range).mendedText(of: value)
        {
            message = String(decoding: text, as: UTF8.self)
        }
        if workers.servesFunctions, type == unknownFunction { return .unknownFunction(message) }
        return .taskFailed(WorkerFailure(type: type, message: message))
    }
}
