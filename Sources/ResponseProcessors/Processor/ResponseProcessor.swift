// SPDX-License-Identifier: MIT
// fetchpool

// Whoever writes a processor also writes results and failures, which a worker of any kind knows: one import is enough for both.
@_exported public import PoolWorker

/// Code that turns one response into one result, in a process of its own.
///
/// This is a whole program; run it with `fetchpool -x 'sizes --supervised'`:
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
/// It may crash or run out of memory: that costs the record of the response in hand and nothing else. If it takes longer than
/// `--task-deadline`, 60 s by default, its process is ended and the record is a `timeout`.
public protocol ResponseProcessor {
    /// What the processor is called in messages; the type's name in lower case if nothing else is said.
    static var name: String { get }

    /// The bodies it takes, all if nothing else is said; others become a `process_error` without its being asked.
    static var takes: BodyKind { get }

    /// Makes a processor; once in the life of a process, before its first response.
    init()

    /// Processes one response; returning means that it is done.
    ///
    /// It is called on the main thread, for one response at a time. What it prints lands in standard error.
    ///
    /// - Returns: What the record is to hold as `result`.
    /// - Throws: Any error; the record is then a `process_error` with the error's description. `TaskFailure` says more.
    mutating func process(_ response: FetchedResponse) throws -> JSONResult
}

extension ResponseProcessor {
    /// The type's name in lower case.
    public static var name: String { String(describing: Self.self).lowercased() }

    /// All bodies.
    public static var takes: BodyKind { .anything }
}
