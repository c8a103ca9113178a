// SPDX-License-Identifier: MIT
// fetchpool

// A processor also uses the results and failures that `PoolWorker` declares. Because of this export, a
// processor needs only one import.
@_exported public import PoolWorker

/// A type that turns one response into one result, in a separate process.
///
/// This is a whole program; run it with `fetchpool -x sizes`:
///
///     import ResponseProcessors
///
///     @main
///     struct Sizes: ResponseProcessor {
///         func process(_ response: FetchedResponse) throws -> JSONResult {
///             ["bytes": response.body.count]
///         }
///     }
///
/// A processor may crash or run out of memory: this costs only the record of its current response. If a call
/// takes longer than `--task-deadline` (60 s by default), the process is ended and the record is a `timeout`.
public protocol ResponseProcessor {
    /// The name of the processor in messages; the default is the type's name in lower case.
    static var name: String { get }

    /// The bodies that the processor accepts; the default is all.
    ///
    /// A response with any other body becomes a `process_error`, without a call of `process`.
    static var takes: BodyKind { get }

    /// Makes a processor; called once in each process, before the first response.
    init()

    /// Processes one response.
    ///
    /// Called on the main thread, for one response at a time. Output of `print` goes to standard error.
    ///
    /// - Returns: The value of `result` in the record.
    /// - Throws: Any error. The record is then a `process_error` with the error's description; use
    ///   `TaskFailure` for more detail.
    mutating func process(_ response: FetchedResponse) throws -> JSONResult
}

extension ResponseProcessor {
    /// The type's name, in lower case.
    public static var name: String { String(describing: Self.self).lowercased() }

    /// All bodies.
    public static var takes: BodyKind { .anything }
}
