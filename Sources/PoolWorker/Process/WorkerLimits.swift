// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc
import Platform
import PoolWire

/// The limits that a worker sets on itself, because its parent cannot set limits between fork and exec.
package struct WorkerLimits: Hashable, Sendable {
    /// The limit of private writable memory, in bytes; `nil` for no limit.
    package var memoryBytes: Int?

    /// The memory that a limit must leave for the stack of the reading thread and for lines, in bytes.
    private static let spareBytes = 4 << 20

    /// True unless this build has a sanitizer, whose memory would count against the limit.
    package static var areEnforced: Bool { clinux_is_sanitized() == 0 }

    /// Reads the member `memory_bytes` of a worker's settings, a JSON object.
    ///
    /// There is no limit if the member is missing or `null`, or if `config` is no JSON object.
    ///
    /// - Throws: `WorkerSetupError` if the member is neither a positive integer nor `null`.
    package init(config: [UInt8]) throws(WorkerSetupError) {
        let bytes = config.span
        guard let object = try? JSONScanner.document(in: bytes, range: 0..<bytes.count),
            let value = try? bytes.member("memory_bytes", of: object), value.kind != .null
        else { return }
        guard let limit = bytes.integer(of: value), limit > 0 else {
            throw WorkerSetupError(
                "memory_bytes must be a positive integer, a number of bytes",
                exitStatus: 2
            )
        }
        memoryBytes = limit
    }

    /// Sets the limit permanently; call this function while the process has one thread.
    ///
    /// Without `memoryBytes`, or in a build with a sanitizer, the call does nothing.
    ///
    /// - Throws: `WorkerSetupError` if the limit is too low for a worker, or the system refuses the limit.
    package func apply() throws(WorkerSetupError) {
        guard let memoryBytes, Self.areEnforced else { return }
        let needed = (ProcessMemory()?.dataKB ?? 0) << 10 + Self.spareBytes
        guard memoryBytes >= needed else {
            throw WorkerSetupError(Self.refusal(of: memoryBytes, needed: needed), exitStatus: 2)
        }
        clinux_use_one_heap()
        try Self.limitMemory(to: memoryBytes)
    }

    /// Returns the message for a memory limit below the `needed` bytes.
    package static func refusal(of limit: Int, needed: Int) -> String {
        "\(limit) bytes of memory are too few: the worker needs \(needed) before its first task; raise its memory limit (--worker-memory, or memoryLimit of the executor)"
    }

    /// Limits the private writable memory of this process to `bytes`.
    ///
    /// Programs that this process starts, or that replace it, inherit the limit. A lower existing limit
    /// stays. In a build with a sanitizer, the call does nothing.
    ///
    /// - Throws: `WorkerSetupError` if the system refuses the limit.
    static func limitMemory(to bytes: Int) throws(WorkerSetupError) {
        guard areEnforced else { return }
        guard clinux_limit_data(UInt(bytes)) == 0 else {
            throw WorkerSetupError(
                "the system refuses a limit of \(bytes) bytes of memory: \(lastSystemError())"
            )
        }
    }

    /// Disables core dumps (core(5)), because many crashes would fill the disk.
    ///
    /// The limit is 1 byte if the system allows 1 byte or more, otherwise 0. No core file is as small as 1
    /// byte. A system that pipes core dumps to a program ignores the limit 0, but makes no core dump at the
    /// limit 1 (`fs/coredump.c` of Linux).
    package static func forbidCoreDumps() {
        let resource = __rlimit_resource_t(RLIMIT_CORE.rawValue)
        var limit = rlimit()
        unsafe _ = getrlimit(resource, &limit)
        limit.rlim_max = min(limit.rlim_max, 1)
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(resource, &limit)
    }
}
