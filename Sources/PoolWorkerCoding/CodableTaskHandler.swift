// SPDX-License-Identifier: MIT
// fetchpool

import PoolCoding
public import PoolWorker

/// A task handler whose tasks and results are `Codable` types.
///
///     import PoolWorker
///     import PoolWorkerCoding
///
///     struct Order: Decodable, Sendable { var url: String; var meta: [String: Int] }
///
///     @main
///     struct Sums: WorkerProgram, CodableTaskHandler {
///         func handle(_ order: Order) -> Int { order.meta.values.reduce(0, +) }
///     }
///
/// If a member occurs twice in an object of the task, `JSONDecoder` decodes the first. The record of the run,
/// and ``JSONReader``, have the last.
///
/// This library needs FoundationEssentials, which makes the start of the worker slower. A worker that reads
/// its tasks with ``JSONReader`` needs neither this library nor FoundationEssentials.
public protocol CodableTaskHandler: TaskHandler {
    /// The type of the user's task object.
    associatedtype Input: Decodable & Sendable
    /// The type of the result.
    associatedtype Output: Encodable & Sendable

    /// Works on one task; the task is done when this method returns.
    ///
    /// - Returns: The value of `result` in the task's record. A value that cannot be encoded as JSON, such as
    ///   a number that is not finite, fails the task.
    /// - Throws: `TaskFailure` to choose the class of the error. Any other error becomes a failure of class
    ///   `processor`; its message is the description of the error. Only this task fails.
    mutating func handle(_ input: Input) async throws -> Output
}

extension CodableTaskHandler {
    /// Decodes the task, works on it, and encodes the result.
    ///
    /// - Throws: `TaskFailure` if the task cannot be decoded, or the result cannot be encoded; any error that
    ///   `handle(_:)` throws for the decoded input.
    public mutating func handle(_ task: WorkerTask) async throws -> JSONResult {
        try JSONResult(encoding: try await handle(try task.json.decode(Input.self)))
    }
}

extension JSONReader {
    /// Decodes the value as `JSONDecoder` does with its defaults.
    ///
    /// - Returns: A value of the type.
    /// - Throws: `TaskFailure` if the value cannot be decoded; `JSONReaderError` if the value is missing.
    public func decode<Value: Decodable & Sendable>(_ type: Value.Type = Value.self) throws -> Value {
        let text = Array(try jsonText.utf8)
        do {
            return try JSONCoding.decoder(of: type)(text.span)
        } catch {
            throw TaskFailure("the JSON cannot be decoded as \(type): \(CodingFault.sentence(error))")
        }
    }
}

extension JSONResult {
    /// Creates a result from a Swift value: the same JSON value that `JSONEncoder` makes with its defaults.
    ///
    /// The result's text can differ from the encoder's text, for example in the form of a number.
    ///
    /// - Throws: `TaskFailure` if the value cannot be encoded, or nests deeper than 500 arrays and objects.
    public init(encoding value: some Encodable & Sendable) throws(TaskFailure) {
        var text: [UInt8] = []
        do {
            try JSONCoding.encoder(of: type(of: value))(value, &text)
        } catch {
            throw TaskFailure(
                "a value of type \(type(of: value)) cannot be encoded as JSON: \(CodingFault.sentence(error))"
            )
        }
        try self.init(text: text)
    }
}
