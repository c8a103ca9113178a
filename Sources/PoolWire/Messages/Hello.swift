// SPDX-License-Identifier: MIT
// fetchpool

/// A worker's description of itself, normally in its first line.
package struct Hello: Hashable, Sendable {
    /// The protocol version that the worker uses; 0 if the worker sends no whole number for it.
    package var version: Int
    /// The worker's process id in its own PID namespace; `nil` if the worker sends no whole number for it.
    package var pid: Int?
    /// The name that the worker gives itself; `nil` if the worker sends no valid string for it.
    package var name: String?
    /// The version of the worker's program; `nil` if the worker sends no valid string for it.
    package var programVersion: String?
    /// The number of tasks that the worker processes at the same time, at least 1.
    ///
    /// With 1, a worker must send results in the order of the tasks, unless its name is in
    /// `PoolOptions.trustedNames`.
    package var concurrency: Int
    /// The names of the processors that the worker offers.
    package var processors: [String]
    /// True if the worker sets the limits of `init.config` itself and exits at the end of its input.
    ///
    /// For other workers, the launcher sets the limits, if the command has a launcher
    /// (`WorkerCommand.launcher`).
    package var isSelfLimiting: Bool

    /// Creates a description of a worker.
    package init(
        version: Int = WireLimits.version,
        pid: Int? = nil,
        name: String? = nil,
        programVersion: String? = nil,
        concurrency: Int = 1,
        processors: [String] = [],
        isSelfLimiting: Bool = false
    ) {
        self.version = version
        self.pid = pid
        self.name = name
        self.programVersion = programVersion
        self.concurrency = concurrency
        self.processors = processors
        self.isSelfLimiting = isSelfLimiting
    }

    /// Reads a `hello` line of a worker; if a member occurs twice, the last value counts.
    ///
    /// - Throws: `JSONSyntaxError` if the line is not a JSON object.
    init(_ line: Span<UInt8>) throws(JSONSyntaxError) {
        self.init(version: 0)
        var scanner = JSONScanner()
        try scanner.enterObject(in: line)
        while let member = try scanner.nextMember(in: line) {
            let value = member.value
            if line.isName(member, "v") {
                version = line.integer(of: value) ?? 0
            } else if line.isName(member, "pid") {
                pid = line.integer(of: value)
            } else if line.isName(member, "name") {
                name = line.text(of: value).map { String(decoding: $0, as: UTF8.self) }
            } else if line.isName(member, "program_version") {
                programVersion = line.text(of: value).map { String(decoding: $0, as: UTF8.self) }
            } else if line.isName(member, "self_limiting") {
                isSelfLimiting = value.kind == .true
            } else if line.isName(member, "concurrency") {
                concurrency = max(line.integer(of: value) ?? 1, 1)
            } else if line.isName(member, "processors") {
                processors = value.kind == .array ? try Self.strings(of: value, in: line) : []
            }
        }
    }

    private static func strings(of array: JSONValue, in line: Span<UInt8>) throws(JSONSyntaxError) -> [String]
    {
        var result: [String] = []
        var scanner = JSONScanner(at: array.range.lowerBound)
        try scanner.enterArray(in: line)
        while let element = try scanner.nextElement(in: line) {
            if let text = line.text(of: element) { result.append(String(decoding: text, as: UTF8.self)) }
        }
        return result
    }
}
