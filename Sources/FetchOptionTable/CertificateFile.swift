// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import OptionTable
import Platform

/// The file that `--cacert` names.
///
/// Bounds of the unsafe code here: names live for the call, and a piece is as large as the reader is told.
struct CertificateFile {
    let name: String

    /// Returns what the file holds, or the beginning of it if it is too large for certificates.
    ///
    /// - Throws: `UsageError` if it cannot be read, or can be read only once, as a pipe: it is read here and by libcurl.
    func contents() throws(UsageError) -> [UInt8] {
        var status = stat()
        guard unsafe stat(name, &status) == 0 else { throw unreadable() }
        guard status.st_mode & S_IFMT != S_IFIFO else { throw UsageError("'\(name)' is no regular file") }
        let file = unsafe open(name, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw unreadable() }
        defer { close(file) }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while text.count < CertificateText.maxBytes {
            // A folder opens, but does not read.
            let count = unsafe piece.withUnsafeMutableBytes { unsafe readOnce(file, into: $0) }
            guard count >= 0 else { throw unreadable() }
            guard count > 0 else { break }
            text += piece[..<count]
        }
        return text
    }

    /// The name from the root on, since a worker may have another working directory.
    var absoluteName: String {
        guard !name.hasPrefix("/"), let folder = unsafe getcwd(nil, 0) else { return name }
        defer { unsafe free(folder) }
        // A name that is no UTF-8 cannot be told to a worker.
        return unsafe String(validatingCString: folder).map { "\($0)/\(name)" } ?? name
    }

    private func unreadable() -> UsageError {
        UsageError("the file '\(name)' cannot be read: \(lastSystemError())")
    }
}
