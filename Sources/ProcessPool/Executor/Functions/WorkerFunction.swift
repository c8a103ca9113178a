// SPDX-License-Identifier: MIT
// fetchpool

import PoolCoding
import PoolWire

/// A function that a pool calls by name in its workers.
///
/// Both this program and the program of the workers contain the function. So the pool sends only the
/// function's name and the input. Create the function as a global or static value, and pass it to
/// ``ProcessPoolExecutor/serveIfWorker(_:initialize:finish:)``:
///
///     let double = WorkerFunction("double") { (number: Int) in number * 2 }
///
/// The body shares no memory with the process that submits tasks. A worker makes one call at a time. The
/// worker runs an asynchronous body on Swift's threads, and any other body on its main thread. The text
/// that the body prints goes to the worker's standard error. If the body throws an error, the task fails with
/// ``ProcessPoolError/taskFailed(_:)``.
public struct WorkerFunction<Input: Sendable, Output: Sendable>: Sendable {
    /// The name by which workers know the function.
    public let name: String
    /// The text of a task before its input.
    let prefix: [UInt8]
    let call: @Sendable (Span<UInt8>) throws -> [UInt8]
    /// Appends the task for an input: an object with the function's name and the input.
    ///
    /// If this closure throws, a part of the task may have been appended.
    let appendTask: @Sendable (Input, inout [UInt8]) throws(ProcessPoolError) -> Void
    let decodeOutput: @Sendable (Span<UInt8>) throws -> Output

    /// Creates a function whose input and output are sent as JSON.
    ///
    /// For many bytes, use `Data`: it is sent as base64, which is shorter than an array of numbers. Numbers
    /// that are not finite cannot be sent.
    ///
    /// - Parameters:
    ///   - name: A name that no other function of the program has.
    ///   - body: The work; called in workers only.
    public init(_ name: String, _ body: @escaping @Sendable (Input) throws -> Output)
    where Input: Codable, Output: Codable {
        let decodeInput = JSONCoding.decoder(of: Input.self)
        let encodeOutput = JSONCoding.encoder(of: Output.self)
        self.init(
            name: name,
            encodeInput: JSONCoding.encoder(of: Input.self),
            decodeOutput: JSONCoding.decoder(of: Output.self)
        ) { bytes in
            let input: Input
            do {
                input = try decodeInput(bytes)
            } catch {
                throw UndecodableInput(reason: "\(error)")
            }
            var result: [UInt8] = []
            try encodeOutput(try body(input), &result)
            return result
        }
    }

    /// Creates an asynchronous function whose input and output are sent as JSON.
    ///
    /// The main thread of the worker is blocked while the body runs. So the body must not wait for the main
    /// actor. If the task is cancelled, the Swift task that runs the body is cancelled
    /// (``PoolFuture/cancel()``).
    ///
    /// - Parameters:
    ///   - name: A name that no other function of the program has.
    ///   - body: The work; called in workers only.
    public init(_ name: String, _ body: @escaping @Sendable (Input) async throws -> Output)
    where Input: Codable, Output: Codable {
        self.init(name) { (input: Input) throws -> Output in
            try AsyncCall.result { try await body(input) }
        }
    }

    /// Creates a function that takes and returns JSON texts, which are not decoded.
    ///
    /// Input and output must be JSON values in UTF-8, with arrays and objects at most 500 deep. The input and
    /// the output are checked, and blanks between their parts are removed.
    ///
    /// - Parameters:
    ///   - name: A name that no other function of the program has.
    ///   - body: The work; called in workers only.
    public init(_ name: String, json body: @escaping @Sendable ([UInt8]) throws -> [UInt8])
    where Input == [UInt8], Output == [UInt8] {
        self.init(
            name: name,
            encodeInput: { input, task in try task.append(contentsOf: JSONCoding.oneLine(input)) },
            decodeOutput: { $0.array(0..<$0.count) }
        ) { bytes in
            try JSONCoding.oneLine(try body(bytes.array(0..<bytes.count)))
        }
    }

    private init(
        name: String,
        encodeInput: @escaping @Sendable (Input, inout [UInt8]) throws -> Void,
        decodeOutput: @escaping @Sendable (Span<UInt8>) throws -> Output,
        call: @escaping @Sendable (Span<UInt8>) throws -> [UInt8]
    ) {
        self.name = name
        (self.decodeOutput, self.call) = (decodeOutput, call)
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("call")
        writer.string(name)
        writer.name("input")
        let prefix = writer.take()
        self.prefix = prefix
        appendTask = { input, tasks throws(ProcessPoolError) in
            let start = tasks.count
            tasks.append(contentsOf: prefix)
            do {
                try encodeInput(input, &tasks)
            } catch {
                throw .unusableInput("the input of '\(name)' cannot be encoded as JSON: \(error)")
            }
            tasks.append(UInt8(ascii: "}"))
            try TaskSize.check(tasks.count - start)
        }
    }

    /// The number of bytes that are reserved for an input and the closing brace.
    private static var usualInputBytes: Int { 24 }

    /// Returns the task for an input.
    ///
    /// - Throws: `ProcessPoolError.unusableInput` if the input cannot be encoded, or the task is too long.
    func task(for input: Input) throws(ProcessPoolError) -> [UInt8] {
        var task: [UInt8] = []
        task.reserveCapacity(prefix.count + Self.usualInputBytes)
        try appendTask(input, &task)
        return task
    }
}

/// The error of a call whose input cannot be decoded as the function's type `Input`.
struct UndecodableInput: Error, CustomStringConvertible {
    let reason: String
    var description: String { "the input has another type than the function expects: \(reason)" }
}

/// The size limit of tasks and results.
enum TaskSize {
    /// The longest task or result in bytes: the longest line, less 256 bytes for the rest of the message.
    static let maxBytes = WireLimits.maxResultBytes

    static func check(_ count: Int) throws(ProcessPoolError) {
        guard count > maxBytes else { return }
        throw .unusableInput(
            "the input has \(count) bytes as JSON, and at most \(maxBytes) can be sent (16 MiB, minus 256 bytes for the rest of the message); split it, or pass the name of a file"
        )
    }
}
