// SPDX-License-Identifier: MIT
// fetchpool

import PoolCoding
import PoolWire

/// The tasks of programs.
enum ProgramTask {
    /// Returns the task of a JSON text: itself if it is an object, else an object with the member `input`.
    static func of(_ text: [UInt8]) throws -> [UInt8] {
        wrapped(try JSONCoding.oneLine(text))
    }

    static func wrapped(_ line: [UInt8]) -> [UInt8] {
        if line.first == UInt8(ascii: "{") { return line }
        return Array(#"{"input":"#.utf8) + line + [UInt8(ascii: "}")]
    }

    /// Returns a future with the task that `make` returns; a failed one if `make` throws.
    static func future<Output>(
        _ core: PoolCore,
        decode: @escaping @Sendable ([UInt8]) throws -> Output,
        _ make: () throws -> [UInt8]
    ) -> PoolFuture<Output> {
        PoolFuture(raw: raw(core, make), decode: decode)
    }

    static func raw(_ core: PoolCore, _ make: () throws -> [UInt8]) -> RawFuture {
        guard !core.workers.servesFunctions else {
            return RawFuture(
                core,
                failed: ProcessPoolError.wrongWorkers(
                    "the workers of this pool run functions; submit a WorkerFunction and its input"
                )
            )
        }
        do {
            let task = try make()
            try TaskSize.check(task)
            return RawFuture(core, task)
        } catch let error as ProcessPoolError {
            return RawFuture(core, failed: error)
        } catch {
            let reason = "the input cannot be encoded as JSON: \(error)"
            return RawFuture(core, failed: ProcessPoolError.unusableInput(reason))
        }
    }
}

/// The coding of one program's inputs and outputs.
struct ProgramCoder<Input: Encodable & Sendable, Output: Decodable & Sendable>: Sendable {
    let encode = JSONCoding.encoder(of: Input.self)
    let decode: @Sendable ([UInt8]) throws -> Output

    init() {
        let decode = JSONCoding.decoder(of: Output.self)
        self.decode = { bytes in try decode(bytes.span) }
    }

    func future(_ input: Input, _ core: PoolCore) -> PoolFuture<Output> {
        PoolFuture(raw: raw(input, core), decode: decode)
    }

    func raw(_ input: Input, _ core: PoolCore) -> RawFuture {
        ProgramTask.raw(core) {
            var line: [UInt8] = []
            try encode(input, &line)
            return ProgramTask.wrapped(line)
        }
    }
}
