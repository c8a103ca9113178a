// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

/// A task for a worker.
public struct WorkerTask: Hashable, Sendable {
    /// The bytes to which `task` and `responseRange` refer.
    package let lines: [UInt8]
    /// The range of the user's task object in `lines`.
    package let task: Range<Int>
    /// The range in `lines` of the response to process; `nil` if the task has none.
    package let responseRange: Range<Int>?
    /// The number of this attempt at the task, from 1.
    ///
    /// For a fetch worker, this is the number of fetches of the task, including this one; the death of a
    /// worker does not change it. For any other worker, the number grows each time that the task is blamed
    /// for the death of its worker and is tried again.
    public let attempt: Int

    /// Creates a task whose parts were found in a line.
    package init(lines: [UInt8], assignment: CoordinatorMessage.Assignment) {
        self.lines = lines
        (task, responseRange, attempt) = (assignment.task, assignment.response, assignment.attempt)
    }

    /// Creates a task, for example in a test of a handler.
    ///
    /// - Parameters:
    ///   - json: The task, a JSON object.
    ///   - response: The response to process, a JSON object; `nil` for a task without a response.
    ///   - attempt: The number of the attempt, from 1.
    /// - Throws: `JSONReaderError` if a text is not valid JSON, is not an object, or nests deeper than 512
    ///   arrays and objects.
    public init(_ json: String, response: String? = nil, attempt: Int = 1) throws(JSONReaderError) {
        for text in [json, response ?? "{}"] { _ = try JSONReader(text).members }
        let count = json.utf8.count
        lines = Array(json.utf8) + Array((response ?? "").utf8)
        task = 0..<count
        responseRange = response == nil ? nil : count..<lines.count
        self.attempt = attempt
    }

    /// The user's task object, such as `{"url":"https://example.com/","id":17}`.
    ///
    /// For its members, see "A task" in <doc:WorkerProtocol>.
    public var json: JSONReader { JSONReader(object: task, of: lines) }

    /// The response to process; `nil` if the task has none.
    ///
    /// Only tasks for processing workers have a response. Tasks for fetch workers and for workers of a
    /// `ProcessPoolExecutor` have none.
    ///
    /// For its members, see "A response" in <doc:WorkerProtocol>. `FetchedResponse` of the library
    /// `ResponseProcessors` reads these members.
    public var response: JSONReader? { responseRange.map { JSONReader(object: $0, of: lines) } }
}
