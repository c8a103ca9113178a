// SPDX-License-Identifier: MIT
// fetchpool

/// An error that prevents the creation of a client.
package enum FetchClientError: Error, Hashable, CustomStringConvertible {
    /// libcurl could not be initialised, or had no memory for a handle.
    case library
    /// The kernel refused a descriptor for events; the text is the system's error message.
    case events(String)

    package var description: String {
        switch self {
        case .library: "libcurl cannot start; check that libcurl 7.85 or newer is installed"
        case .events(let reason): "cannot create a descriptor for events: \(reason)"
        }
    }
}
