// SPDX-License-Identifier: MIT
// fetchpool

package import FoundationEssentials
import Glibc
package import ProcessPool

/// The error of the function `evenOnly`.
package struct OddNumber: Error, CustomStringConvertible {
    let number: Int
    package var description: String { "\(number) is odd" }
}

/// Waits until a file exists, for about two minutes at most.
package func waitUntilFileExists(_ path: String) {
    var polls = 60_000
    while polls > 0, unsafe access(path, F_OK) != 0 {
        usleep(2_000)
        polls -= 1
    }
}

private func makeFile(at path: String) {
    let file = unsafe open(path, O_WRONLY | O_CREAT, 0o600)
    close(file)
}

/// A value with members of several types.
package struct Parcel: Codable, Hashable, Sendable {
    package var name: String
    package var weight: Double
    package var parts: [Int: String]
    package var content: Data
    package var next: [Parcel]

    package init(name: String, weight: Double, parts: [Int: String], content: Data, next: [Parcel] = []) {
        (self.name, self.weight, self.parts, self.content, self.next) = (name, weight, parts, content, next)
    }
}

/// A value that is coded as `levels` nested arrays.
package struct Nest: Codable, Sendable {
    fileprivate let levels: Int

    package init(levels: Int) { self.levels = levels }

    package init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        levels = container.isAtEnd ? 1 : try container.decode(Nest.self).levels + 1
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        if levels > 1 { try container.encode(Nest(levels: levels - 1)) }
    }
}

/// The functions that the tests of `ProcessPoolExecutor` call in the workers of `executor-worker`.
///
/// The workers do not serve `notServed`.
package enum Functions {
    package static let double = WorkerFunction("double") { (number: Int) in number * 2 }
    package static let half = WorkerFunction("half") { (number: Double) in number / 2 }
    package static let isEmpty = WorkerFunction("isEmpty") { (text: String) in text.isEmpty }
    package static let echo = WorkerFunction("echo") { (text: String) in text }
    package static let heavier = WorkerFunction("heavier") { (parcel: Parcel) in
        var parcel = parcel
        parcel.weight += 1
        return parcel
    }
    package static let json = WorkerFunction(
        "json",
        json: { text in Array("[".utf8) + text + Array(", 1 ]".utf8) }
    )
    /// Fails in the way of its input if the input's point is `run`; otherwise returns the input.
    package static let faulty = WorkerFunction("faulty") { (fault: Fault) throws -> Fault in
        try fault.happen(at: .run)
        return fault
    }
    package static let notServed = WorkerFunction("notServed") { (number: Int) in number }
    package static let evenOnly = WorkerFunction("evenOnly") { (number: Int) throws -> Int in
        guard number % 2 == 0 else { throw OddNumber(number: number) }
        return number
    }
    /// Returns the process id of the worker.
    package static let process = WorkerFunction("process") { (_: Int) in Int(getpid()) }
    /// Sleeps for the given number of milliseconds, and returns the process id of the worker.
    package static let nap = WorkerFunction("nap") { (milliseconds: Int) in
        usleep(UInt32(milliseconds) * 1_000)
        return Int(getpid())
    }
    /// Waits until a file exists, for about two minutes at most, and returns the process id of the worker.
    package static let waitForFile = WorkerFunction("waitForFile") { (path: String) in
        waitUntilFileExists(path)
        return Int(getpid())
    }
    /// Returns a text of `count` bytes.
    package static let text = WorkerFunction("text") { (count: Int) in String(repeating: "x", count: count) }
    package static let length = WorkerFunction("length") { (text: String) in text.utf8.count }
    /// Prints two lines, of which the first looks like a result, and returns its input.
    package static let prints = WorkerFunction("prints") { (number: Int) in
        print("{\"t\":\"result\",\"seq\":1,\"result\":0}")
        print("a line")
        return number
    }
    /// Writes a line to standard error, and dies or hangs in the way that its input names; returns 0 for
    /// other inputs.
    package static let die = WorkerFunction("die") { (way: String) throws -> Int in
        unsafe _ = write(2, "last words\n", 11)
        switch way {
        case "segv": kill(getpid(), SIGSEGV)
        case "kill": kill(getpid(), SIGKILL)
        case "late kill":
            usleep(100_000)
            kill(getpid(), SIGKILL)
        case "abort": abort()
        case "trap": preconditionFailure("a trap")
        case "exit 0": exit(0)
        case "exit 7": exit(7)
        case "hang": while true { pause() }
        default: break
        }
        return 0
    }
    /// Closes the descriptors from 3 to 1,023, and hangs.
    package static let closing = WorkerFunction("closing") { (_: Int) in
        for descriptor in Int32(3)..<1_024 { close(descriptor) }
        while true { pause() }
        return 0
    }
    /// Makes an empty file, and hangs.
    package static let hang = WorkerFunction("hang") { (path: String) in
        makeFile(at: path)
        while true { pause() }
        return 0
    }
    /// Ignores SIGTERM, makes an empty file, and hangs.
    package static let stubborn = WorkerFunction("stubborn") { (path: String) in
        signal(SIGTERM, SIG_IGN)
        makeFile(at: path)
        while true { pause() }
        return 0
    }
    /// Allocates `mebibytes` MiB of memory, 1 MiB about every 2 ms, and returns `mebibytes`.
    ///
    /// More than 100 MiB are kept for 100 s, so that a pool that checks the memory late still finds them.
    package static let memory = WorkerFunction("memory") { (mebibytes: Int) in
        var all: [[UInt8]] = []
        for _ in 0..<mebibytes {
            all.append([UInt8](repeating: 1, count: 1 << 20))
            usleep(2_000)
        }
        if mebibytes > 100 { sleep(100) }
        return all.count
    }
    package static let variable = WorkerFunction("variable") { (name: String) in
        unsafe getenv(name).map { unsafe String(cString: $0) } ?? "none"
    }
    /// Returns the bytes of an environment variable; no bytes if the variable is not set.
    package static let bytes = WorkerFunction("bytes") { (name: String) -> [UInt8] in
        guard let value = unsafe getenv(name) else { return [] }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: value, count: strlen(value)))
    }
    package static let niceness = WorkerFunction("niceness") { (_: Int) in
        Int(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0))
    }
    /// Appends a byte to a file, and returns the size of the file.
    package static let append = WorkerFunction("append") { (path: String) in
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(file) }
        unsafe _ = write(file, "x", 1)
        return Int(lseek(file, 0, SEEK_END))
    }
    package static let deeper = WorkerFunction("deeper") { (nest: Nest) in Nest(levels: nest.levels + 1) }
    /// Makes an empty file, waits until the Swift task is cancelled, and throws `CancellationError`.
    package static let waitForCancellation = WorkerFunction("waitForCancellation") {
        (path: String) async throws -> Int in
        makeFile(at: path)
        while true { try await Task.sleep(for: .seconds(1_000)) }
    }
    /// Passes its input to `evenOnly` in a pool of its own, and returns twice the result.
    package static let nested = WorkerFunction("nested") { (number: Int) async throws -> Int in
        try await withProcessPool(configuration: PoolConfiguration(maxWorkers: 1)) { pool in
            try await pool.submit(evenOnly, number).value * 2
        }
    }
}
