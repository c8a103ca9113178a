// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform

/// The check that a run does not write a file that it needs for something else.
///
/// For example, a run that appends its records to its input would read them as new tasks, and never end.
enum NamedFiles {
    /// Checks that the inputs and the files of `--output`, `--stats`, `--metrics` and `--cookie-jar` differ.
    ///
    /// With `--input-format records`, the file of `--output` may also be an input, because lines that the run
    /// adds are not read. A file that exists and is not regular, such as `/dev/null`, may have several uses.
    ///
    /// - Throws: `RunError.io` if two of the options name the same file, or if an input is also a file that
    ///   the run writes, except for the cases above. The message names the file, or `-` for standard input.
    static func check(_ settings: RunSettings) throws(RunError) {
        let output = settings.output ?? "-"
        let written = [
            ("--output", output == "-" ? nil : output), ("--stats", settings.statsFile),
            ("--metrics", settings.metricsFile), ("--cookie-jar", settings.fetch.cookieJar),
        ]
        try check(written)
        let inputs = settings.inputs.isEmpty && settings.urls.isEmpty ? ["-"] : settings.inputs
        for input in inputs {
            let name = input == "-" ? "/dev/stdin" : input
            for (option, file) in written.dropFirst() where areSame(file, name) {
                throw .io(
                    "the input '\(input)' and \(option) are the same file '\(file ?? "")'; name two different files"
                )
            }
            guard settings.inputFormat != .records else { continue }
            guard areSame(output == "-" ? "/dev/stdout" : output, name) else { continue }
            throw .io(
                "the input '\(input)' and the output are the same file; name two different files, or add --input-format records if the file has records"
            )
        }
    }

    /// Checks that no two options name the same file.
    ///
    /// `name` is `nil` or `-` for an option that names no file. If a file exists and is not regular, several
    /// options may name it.
    ///
    /// - Throws: `RunError.io` if two options name the same file; the message names the options and the file.
    static func check(_ files: [(option: String, name: String?)]) throws(RunError) {
        for (place, file) in files.enumerated() {
            for other in files[..<place] where areSame(file.name, other.name) {
                throw .io(
                    "\(other.option) and \(file.option) name the same file '\(file.name ?? "")'; name two different files"
                )
            }
        }
    }

    /// Returns true if two names lead to the same file, and this file is regular or does not exist yet.
    ///
    /// `nil` and `-` lead to no file.
    private static func areSame(_ one: String?, _ other: String?) -> Bool {
        guard let one, let other, one != "-", other != "-" else { return false }
        guard SystemPath.areSame(one, other) else { return false }
        return SystemPath.status(of: one)?.isRegularFile ?? true
    }
}
