// SPDX-License-Identifier: MIT
// fetchpool

/// Results of a map's tasks, in the order in which they came.
///
/// All results share one array of bytes, because an array for each result would cost more than all other work
/// on a cheap task.
struct MapResults: Sendable {
    /// The numbers of the tasks in the map, from 0.
    private(set) var numbers: [Int] = []
    /// The ends of the results in `bytes`; a result begins where the result before it ends.
    private var ends: [Int] = []
    private var bytes: [UInt8] = []
    /// The errors of the tasks that have no result, by index in `numbers`.
    private var errors: [Int: any Error] = [:]

    var count: Int { numbers.count }

    mutating func add(_ number: Int, _ result: Span<UInt8>) {
        unsafe result.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        numbers.append(number)
        ends.append(bytes.count)
    }

    mutating func add(_ number: Int, _ error: any Error) {
        errors[numbers.count] = error
        numbers.append(number)
        ends.append(bytes.count)
    }

    /// Appends the values of some results to `values`.
    ///
    /// - Throws: The error of the first task without a result; `ProcessPoolError.undecodableResult` if
    ///   `decode` throws. After an error, `values` has the values of the tasks before the failed task.
    func append<Value>(
        _ indices: Range<Int>,
        to values: inout [Value],
        _ decode: (Span<UInt8>) throws -> Value
    ) throws {
        let hasErrors = !errors.isEmpty
        let (ends, bytes) = (ends.span, bytes.span)
        var start = indices.lowerBound == 0 ? 0 : ends[indices.lowerBound - 1]
        for index in indices {
            if hasErrors, let error = errors[index] { throw error }
            do {
                values.append(try decode(bytes.extracting(start..<ends[index])))
            } catch {
                throw ProcessPoolError.undecodableResult("\(error)")
            }
            start = ends[index]
        }
    }
}

/// Results of a map that do not change any more, so that they can be passed on without a copy.
final class MapArrival: Sendable {
    let results: MapResults

    init(_ results: MapResults) { self.results = results }
}
