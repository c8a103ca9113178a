// SPDX-License-Identifier: MIT
// fetchpool

/// The reason why a pool cannot start a worker; another attempt cannot help.
package enum PoolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The process or the system has too few descriptors left for another worker.
    case noDescriptors
    /// The process has open descriptors at or above its limit; the value is the limit.
    case descriptorsAboveLimit(Int)
    /// The open descriptors are not known, because `/proc` is missing.
    case noProc
    /// The program with this name does not exist, or this process has no permission to run it.
    case noSuchProgram(String)

    /// A message for users, with the cause.
    package var description: String {
        switch self {
        case .noDescriptors:
            "too many open files: no descriptors are left for another worker; raise the limit (ulimit -n), or use fewer workers"
        case .descriptorsAboveLimit(let limit):
            "this process has open descriptors at or above its limit (ulimit -n \(limit)); raise the limit above them, or close them"
        case .noProc: "/proc is not mounted, and no worker can be started without it; mount it"
        case .noSuchProgram(let name):
            "the program '\(name)' does not exist, or this process has no permission to run it"
        }
    }
}
