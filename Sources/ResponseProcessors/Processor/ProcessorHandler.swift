// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import PoolWorker

/// A task handler that passes each task's response to a processor.
struct ProcessorHandler<Processor: ResponseProcessor>: TaskHandler {
    private var processor: Processor

    init(_ processor: Processor) {
        self.processor = processor
    }

    mutating func prepare() async throws {
        try await processor.prepare()
    }

    /// Passes the response of `task` to the processor.
    ///
    /// - Throws: The errors of `FetchedResponse.init(of:for:)`, and any error of the processor.
    mutating func handle(_ task: WorkerTask) async throws -> JSONResult {
        try await processor.process(FetchedResponse(of: task, for: Processor.self))
    }
}

extension FetchedResponse {
    /// Reads a task's response with its body, and checks that a processor accepts the response.
    ///
    /// - Throws: `TaskFailure` for a response that is missing, unreadable or not accepted.
    init(of task: WorkerTask, for kind: any ResponseProcessor.Type) throws {
        guard let response = task.responseRange else {
            throw TaskFailure("the task came without a response to process")
        }
        let description: Response
        do throws(JSONSyntaxError) {
            description = try Response(reading: response, of: task.lines.span)
        } catch {
            throw TaskFailure("the response cannot be read: \(error.description)")
        }
        try self.init(description, task: Array(task.lines[task.task]))
        try kind.takes.check(self, for: kind.name)
    }
}
