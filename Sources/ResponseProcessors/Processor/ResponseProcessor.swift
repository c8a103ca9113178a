// SPDX-License-Identifier: MIT
// fetchpool

// A processor also uses the results and failures that `PoolWorker` declares. Because of this export, a
// processor needs only one import.
@_exported public import PoolWorker

/// A type that turns one response into one result, in a separate process.
///
/// The following code is a whole program; run it with `fetchpool -x sizes`:
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
/// A crash or a lack of memory costs at most the result of the current response. If a call takes longer than
/// `--task-deadline` (60 s by default), the process is ended and the record is a `timeout`.
public protocol ResponseProcessor {
    /// The name of the processor in messages; the default is the type's name in lower case.
    static var name: String { get }

    /// The bodies that the processor accepts; the default is all.
    ///
    /// A response with any other body becomes a `process_error`, without a call of `process`.
    static var takes: BodyKind { get }

    /// Makes a processor for a program that is run without arguments.
    init()

    /// Makes a processor from the arguments of the program; called once in each process.
    ///
    /// The default calls `init()`, and refuses arguments.
    ///
    /// - Parameter arguments: The words after the program's name, without `--supervised`.
    /// - Throws: Any error; its description is printed on standard error, and the process ends. Use
    ///   `WorkerSetupError` with status 2 for wrong usage.
    init(arguments: [String]) throws

    /// Prepares the processor: for example, loads a model.
    ///
    /// The method is called once, before the first response, and must return within `--start-deadline` (60 s
    /// by default). The default method does nothing.
    ///
    /// - Throws: Any error; its description is printed on standard error, and the process ends.
    mutating func prepare() async throws

    /// Processes one response.
    ///
    /// The method is called on the main thread, for one response at a time. A method that is not `async`
    /// conforms too. Output of `print` goes to standard error.
    ///
    /// - Returns: The value of `result` in the record.
    /// - Throws: Any error. The record is then a `process_error` with the error's description; use
    ///   `TaskFailure` for more detail.
    mutating func process(_ response: FetchedResponse) async throws -> JSONResult
}

extension ResponseProcessor {
    /// The type's name, in lower case.
    public static var name: String { String(describing: Self.self).lowercased() }

    /// All bodies.
    public static var takes: BodyKind { .anything }

    /// Calls `init()` if there are no arguments.
    ///
    /// - Throws: `WorkerSetupError` with status 2 if there are arguments.
    public init(arguments: [String]) throws {
        try WorkerArguments.refuse(arguments)
        self.init()
    }

    /// Does nothing.
    public mutating func prepare() {}
}
