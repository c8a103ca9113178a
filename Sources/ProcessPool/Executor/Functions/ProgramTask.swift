// SPDX-License-Identifier: MIT
// fetchpool

import PoolCoding
import PoolWire

/// The functions that make tasks for workers that run a program.
enum ProgramTask {
    /// Returns the task for a JSON text, on one line.
    ///
    /// An object is the task itself. Any other text becomes the member `input` of the task.
    static func of(_ text: [UInt8]) throws -> [UInt8] {
        wrapped(try JSONCoding.oneLine(text))
    }

    static func wrapped(_ line: [UInt8]) -> [UInt8] {
        if line.first == UInt8(ascii: "{") { return line }
        return Array(#"{"input":"#.utf8) + line + [UInt8(ascii: "}")]
    }

    /// Returns a future with the task that `make` returns; a failed future if `checked` throws.
    static func future<Output>(
        _ core: PoolCore,
        decode: @escaping @Sendable (Span<UInt8>) throws -> Output,
        _ make: () throws -> [UInt8]
    ) -> PoolFuture<Output> {
        PoolFuture(raw: raw(core, make), decode: decode)
    }

    static func raw(_ core: PoolCore, _ make: () throws -> [UInt8]) -> RawFuture {
        do {
            return RawFuture(core, try checked(core, make))
        } catch {
            return RawFuture(core, failed: error)
        }
    }

    /// Returns the task that `make` returns.
    ///
    /// - Throws: `wrongWorkers` if the workers run functions; `unusableInput` if `make` throws or the task
    ///   is too long.
    static func checked(
        _ core: PoolCore,
        _ make: () throws -> [UInt8]
    ) throws(ProcessPoolError) -> [UInt8] {
        guard !core.workers.servesFunctions else {
            throw .wrongWorkers(
                "the workers of this pool run functions; submit a WorkerFunction and its input"
            )
        }
        let task: [UInt8]
        do {
            task = try make()
        } catch {
            throw .unusableInput("the input cannot be encoded as JSON: \(error)")
        }
        try TaskSize.check(task.count)
        return task
    }
}

/// The encoder of a program's inputs, and the decoder of its outputs.
struct ProgramCoder<Input: Encodable & Sendable, Output: Decodable & Sendable>: Sendable {
    let encode = JSONCoding.encoder(of: Input.self)
    let decode = JSONCoding.decoder(of: Output.self)

    func future(_ input: Input, _ core: PoolCore) -> PoolFuture<Output> {
        PoolFuture(raw: ProgramTask.raw(core) { try task(for: input) }, decode: decode)
    }

    func task(for input: Input) throws -> [UInt8] {
        var line: [UInt8] = []
        try encode(input, &line)
        return ProgramTask.wrapped(line)
    }
}
