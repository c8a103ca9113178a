// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import OptionTable
import Platform

/// The file of `--cacert`.
///
/// Bounds of the unsafe code: names are valid during the calls, and the text of getcwd(3) is freed only once.
struct CertificateFile {
    let name: String

    /// Returns the contents of the file; reading stops once `CertificateText.maxBytes` is exceeded.
    ///
    /// - Throws: `UsageError` if the file cannot be read, is a pipe or a socket, or has a name such as
    ///   `/dev/stdin`. This process and libcurl in the workers must both read the file by its name.
    func contents() throws(UsageError) -> [UInt8] {
        guard NamedDescriptor.number(of: name) == nil else {
            throw UsageError("'\(name)' stands for another file in each worker; name the file itself")
        }
        var status = stat()
        guard unsafe stat(name, &status) == 0 else { throw unreadable() }
        guard ![S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT) else {
            throw UsageError("'\(name)' is not a regular file")
        }
        return try NamedFile(name: name, maxBytes: CertificateText.maxBytes).contents()
    }

    /// The absolute path of the file, because a worker may have another working directory.
    ///
    /// The value is `name` if the path of the working directory is unknown or not UTF-8.
    var absoluteName: String {
        guard !name.hasPrefix("/"), let folder = unsafe getcwd(nil, 0) else { return name }
        defer { unsafe free(folder) }
        // A path that is not UTF-8 cannot be sent to a worker.
        return unsafe String(validatingCString: folder).map { "\($0)/\(name)" } ?? name
    }

    private func unreadable() -> UsageError {
        UsageError("the file '\(name)' cannot be read: \(lastSystemError())")
    }
}
