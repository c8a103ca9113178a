// SPDX-License-Identifier: MIT
// fetchpool

import PoolCoding
import PoolWire
import PoolWorker

/// The task handler of a worker that serves functions.
struct FunctionHandler: SynchronousTaskHandler {
    /// A function whose input and output are JSON texts; each task for the function begins with `prefix`.
    struct Served {
        let name: String
        let prefix: [UInt8]
        let call: @Sendable (Span<UInt8>) throws -> [UInt8]
    }

    let functions: [Served]

    /// The most bytes of an error's description that are sent.
    private static let maxMessageBytes = 64 << 10

    mutating func handle(_ task: WorkerTask) throws -> JSONResult {
        let task = task.lines.span.extracting(task.task)
        // The search returns an index, because a copy of the function would cost more than the search.
        let found = functions.indices.first { Self.task(task, beginsWith: functions[$0].prefix) }
        guard let place = found else {
            throw TaskFailure(Self.name(in: task) ?? "?", errorClass: WorkerFailure.unknownFunction)
        }
        let input = task.extracting(functions[place].prefix.count..<task.count - 1)
        let result: [UInt8]
        do {
            result = try functions[place].call(input)
        } catch let error as UnusableJSON {
            // Only the result can be unusable: an input that cannot be decoded is an `UndecodableInput`.
            throw TaskFailure(
                "the result of '\(functions[place].name)' cannot be returned: \(error.description)",
                errorClass: "UnusableResult"
            )
        } catch {
            let message = String(decoding: "\(error)".utf8.prefix(Self.maxMessageBytes), as: UTF8.self)
            throw TaskFailure(message, errorClass: "\(type(of: error))")
        }
        guard result.count <= TaskSize.maxBytes else {
            throw TaskFailure(
                "the result of '\(functions[place].name)' has \(result.count) bytes as JSON, and at most \(TaskSize.maxBytes) can be returned (16 MiB, minus 256 bytes for the rest of the message); return less, or write a file and return its name",
                errorClass: "ResultTooLarge"
            )
        }
        return JSONResult(oneLine: result)
    }

    private static func task(_ task: Span<UInt8>, beginsWith prefix: [UInt8]) -> Bool {
        guard task.count > prefix.count else { return false }
        for index in prefix.indices where task[index] != prefix[index] { return false }
        return true
    }

    private static func name(in task: Span<UInt8>) -> String? {
        guard let object = try? JSONScanner.document(in: task, range: 0..<task.count),
            let value = try? task.member("call", of: object), let text = task.text(of: value)
        else { return nil }
        return String(decoding: text, as: UTF8.self)
    }
}
