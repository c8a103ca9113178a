// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import OptionTable
import Platform

/// The check of a file that an HTML page will replace.
enum PageTarget {
    /// The permissions of a new file, before the system applies umask(2).
    static let mode: UInt32 = 0o666

    /// Checks, without writing, that a page may replace the file `name`.
    ///
    /// - Throws: `UsageError` naming `option` if the file cannot be written, is one of `others`, or holds
    ///   records.
    static func check(_ name: String, _ option: String, others: [String]) throws(UsageError) {
        if let reason = WholeFile(name, mode: mode).refusal {
            throw UsageError("cannot write \(option) '\(name)': \(reason)")
        }
        guard let status = SystemPath.status(of: name), status.isRegularFile else { return }
        let same = others.first { SystemPath.status(of: $0)?.isSame(as: status) ?? false }
        if let same {
            throw UsageError(
                "\(option) '\(name)' is the same file as '\(same)'; name another file for the page"
            )
        }
        if holdsRecords(name) {
            throw UsageError("\(option) '\(name)' holds records; name another file for the page")
        }
    }

    /// Returns true if a file begins like a record.
    private static func holdsRecords(_ name: String) -> Bool {
        let file = unsafe open(name.systemPath, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard file >= 0 else { return false }
        defer { close(file) }
        let opening = Array(#"{"v":1,"id":"#.utf8)
        var bytes = [UInt8](repeating: 0, count: opening.count)
        return unsafe read(file, &bytes, bytes.count) == opening.count && bytes == opening
    }
}
