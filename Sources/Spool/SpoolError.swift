// SPDX-License-Identifier: MIT
// fetchpool

/// The reason why a spool cannot be created or used.
package struct SpoolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence for people; the sentence names the option or the system limit to change.
    package let description: String

    init(_ description: String) { self.description = description }

    /// The end of `Beat.spoolFault` if a file reached the size limit of the fetch worker (setrlimit(2)).
    static let sizeLimitAdvice = "; raise the limit of file sizes (ulimit -f)"
}
