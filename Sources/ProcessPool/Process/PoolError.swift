// SPDX-License-Identifier: MIT
// fetchpool

/// Why a pool cannot do what it was asked.
package enum PoolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The process may open no more descriptors.
    case noDescriptors
    /// The program is not there, or may not be run.
    case noSuchProgram(String)

    package var description: String {
        switch self {
        case .noDescriptors:
            "no descriptors are left for another worker; use fewer --workers or raise the limit (ulimit -n)"
        case .noSuchProgram(let name):
            "the program '\(name)' does not exist or may not be run"
        }
    }
}
