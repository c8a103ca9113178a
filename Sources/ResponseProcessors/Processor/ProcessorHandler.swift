// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import PoolWorker

/// Gives each task's response to a processor.
package struct ProcessorHandler: TaskHandler {
    private var processor: any ResponseProcessor

    /// Makes a handler around `processor`.
    package init(_ processor: any ResponseProcessor) {
        self.processor = processor
    }

    /// Reads the response and its body, checks that the processor takes it, and lets it work.
    ///
    /// - Throws: `TaskFailure` if there is no response, if it or its body cannot be read, or if the processor does not take it; else what
    ///   the processor throws.
    package mutating func handle(task: Span<UInt8>, response: Span<UInt8>?) throws -> JSONResult {
        guard let response else { throw TaskFailure("the task came without a response to process") }
        let description: Response
        do throws(JSONSyntaxError) {
            description = try Response(reading: 0..<response.count, of: response)
        } catch {
            throw TaskFailure("the response cannot be read: \(error.description)")
        }
        let fetched = try FetchedResponse(description, task: task.array(0..<task.count))
        let kind = type(of: processor)
        try kind.takes.check(fetched, for: kind.name)
        return try processor.process(fetched)
    }
}
