// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import PoolWorker

/// A task handler that passes each task's response to a bundled processor.
package struct ProcessorHandler: SynchronousTaskHandler {
    private var processor: any ResponseProcessor

    /// Makes a handler for `processor`.
    package init(_ processor: any ResponseProcessor) {
        self.processor = processor
    }

    /// Reads the response and its body, checks that the processor accepts the response, and calls the
    /// processor.
    ///
    /// - Throws: `TaskFailure` if there is no response, if the response or its body cannot be read, or if the
    ///   processor does not accept it. Also any error of the processor.
    package mutating func handle(_ task: WorkerTask) throws -> JSONResult {
        guard let response = task.responseRange else {
            throw TaskFailure("the task came without a response to process")
        }
        let description: Response
        do throws(JSONSyntaxError) {
            description = try Response(reading: response, of: task.lines.span)
        } catch {
            throw TaskFailure("the response cannot be read: \(error.description)")
        }
        let fetched = try FetchedResponse(description, task: Array(task.lines[task.task]))
        let kind = type(of: processor)
        try kind.takes.check(fetched, for: kind.name)
        return try processor.process(fetched)
    }
}
