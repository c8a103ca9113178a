// SPDX-License-Identifier: MIT
// fetchpool

import Decompression
import Glibc
import OptionTable
import Platform

/// The check of the file to which an HTML page will be written.
enum PageTarget {
    /// The permissions of a new file, before the system applies umask(2).
    static let mode: UInt32 = 0o666

    /// Checks, without writing, that a page may replace the file `name`, or become a new file of this name.
    ///
    /// `others` has the names of files that the page must not replace.
    ///
    /// - Throws: `UsageError` if the file cannot be written; for an existing regular file, also if the file
    ///   is one of `others`, begins with a record, or is compressed. The error names `option`.
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
        if let contents = contentsToKeep(name) {
            throw UsageError("\(option) '\(name)' \(contents); name another file for the page")
        }
    }

    /// Returns the end of a sentence about contents that a page must not replace; `nil` if no such contents
    /// are found.
    ///
    /// The subject of the sentence is the file.
    private static func contentsToKeep(_ name: String) -> String? {
        let file = unsafe open(name.systemPath, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        if Compression.format(of: file) != nil { return "is compressed" }
        let opening = Array(#"{"v":1,"id":"#.utf8)
        var bytes = [UInt8](repeating: 0, count: opening.count)
        let isRecord = unsafe read(file, &bytes, bytes.count) == opening.count && bytes == opening
        return isRecord ? "holds records" : nil
    }
}
