// SPDX-License-Identifier: MIT
// fetchpool

import PoolWorker

/// A processor whose `process` is not `async`.
package protocol SynchronousProcessor: ResponseProcessor {
    /// Returns the value of `result` in the record of one response.
    mutating func process(_ response: FetchedResponse) throws -> JSONResult
}

/// A task handler that passes each task's response to a bundled processor.
package struct BundledHandler: SynchronousTaskHandler {
    private var processor: any SynchronousProcessor

    /// Makes a handler for `processor`.
    package init(_ processor: any SynchronousProcessor) {
        self.processor = processor
    }

    /// Passes the response of `task` to the processor.
    ///
    /// - Throws: The errors of `FetchedResponse.init(of:for:)`, and any error of the processor.
    package mutating func handle(_ task: WorkerTask) throws -> JSONResult {
        try processor.process(FetchedResponse(of: task, for: type(of: processor)))
    }
}
