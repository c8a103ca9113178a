// SPDX-License-Identifier: MIT
// fetchpool

/// An error that prevents a client from being made.
package enum FetchClientError: Error, Hashable, CustomStringConvertible {
    /// libcurl could not be initialised, or had no memory for a handle.
    case library
    /// The kernel refused a descriptor for events; the text is the system's.
    case events(String)

    package var description: String {
        switch self {
        case .library: "libcurl cannot start; check that libcurl 7.85 or newer is installed"
        case .events(let reason): "cannot watch sockets: \(reason)"
        }
    }
}
