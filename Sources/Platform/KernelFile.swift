// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A reader of small kernel files in `/proc` and `/sys`.
package enum KernelFile {
    /// Returns the text of a file from one read of at most 8 KiB; `nil` if the file cannot be read or is
    /// empty.
    package static func text(of path: String) -> String? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 8 << 10)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe readOnce(file, into: $0) }
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
