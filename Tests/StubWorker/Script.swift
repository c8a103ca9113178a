// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The options on the command line of the stub.
struct Script {
    enum Fault: String { case error, exit, segv, kill, hang }

    enum Point: String {
        /// Before the stub writes its first line, and, if the stub still runs, after it has read a task.
        case hello
        /// After the stub has read a task.
        case read
        /// After the stub has worked on the task.
        case compute
        /// After the stub has written half of the result.
        case write
        /// After the stub has written the result.
        case after
    }

    private(set) var fault: Fault?
    private(set) var point = Point.compute
    /// A fault at a task happens only if the line of the task contains this text.
    ///
    /// Every task line contains the default text.
    private(set) var mark = "\"t\":\"task\""
    private(set) var milliseconds = 0
    private(set) var concurrency = 1
    private(set) var beats = false
    private(set) var isStubborn = false
    private(set) var leavesChild = false
    private var bootFile: String?

    init(_ words: ArraySlice<String>) {
        var rest = words
        while let name = rest.popFirst() {
            switch name {
            case "--fault": fault = rest.popFirst().flatMap(Fault.init)
            case "--at": point = rest.popFirst().flatMap(Point.init) ?? point
            case "--on": mark = rest.popFirst() ?? mark
            case "--boots": bootFile = rest.popFirst()
            case "--milliseconds": milliseconds = rest.popFirst().flatMap { Int($0) } ?? 0
            case "--concurrency": concurrency = rest.popFirst().flatMap { Int($0) } ?? 1
            case "--beat": beats = true
            case "--stubborn": isStubborn = true
            case "--child": leavesChild = true
            default: fatalError("stub-worker does not know \(name)")
            }
        }
    }

    /// Returns true if a fault at the start must happen in this process.
    ///
    /// Without `--boots FILE`, the fault happens in every process. With this option, the fault happens only
    /// in the process that creates `FILE`.
    func isFirstBoot() -> Bool {
        guard let bootFile else { return true }
        let file = unsafe open(bootFile, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        if file >= 0 { close(file) }
        return file >= 0
    }
}
