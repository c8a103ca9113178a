// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Platform

/// The reason why the system did not start a process; a later attempt may succeed.
struct SpawnError: Error, CustomStringConvertible {
    let description: String

    /// Converts Foundation's error for a failed posix_spawn(3).
    ///
    /// - Returns: A `SpawnError`, or a `PoolError` if another attempt cannot help.
    static func of(_ error: any Error, program: String) -> any Error {
        let outer = error as NSError
        let inner = outer.userInfo[NSUnderlyingErrorKey] as? NSError ?? outer
        guard inner.domain == NSPOSIXErrorDomain else {
            return SpawnError(description: "the system cannot start '\(program)'")
        }
        return of(Int32(truncatingIfNeeded: inner.code), program: program)
    }

    /// Returns the error for a start that fails with the system's error number `number`.
    ///
    /// - Returns: A `SpawnError`, or a `PoolError` if another attempt cannot help.
    static func of(_ number: Int32, program: String) -> any Error {
        switch number {
        // Foundation reads /proc/self/fd to find the descriptors that a child must not inherit. Without /proc
        // the start fails with EBADF. A descriptor at or above the limit cannot be closed in the child, and
        // causes EBADF too.
        case EBADF where unsafe access("/proc/self/fd", R_OK) != 0: return PoolError.noProc
        case EBADF where DescriptorLimit.isExceeded:
            return PoolError.descriptorsAboveLimit(DescriptorLimit.current)
        case EMFILE, EBADF: return PoolError.noDescriptors
        case ENFILE:
            // The system's table of open files may have free entries again in a moment.
            return SpawnError(description: "the system cannot start another process: \(systemError(number))")
        case EAGAIN, ENOMEM:
            StartCheck.noteLack()
            return SpawnError(
                description:
                    "the system cannot start another process: \(systemError(number)); use fewer workers, or raise the limit (ulimit -u, ulimit -v, or that of the control group)"
            )
        default:
            return SpawnError(description: "the system cannot start '\(program)': \(systemError(number))")
        }
    }
}
