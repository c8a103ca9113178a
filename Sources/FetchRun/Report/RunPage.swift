// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import RunReport
import Synchronization

/// The page of `--report`, which is written at the end of a run.
///
/// The output thread counts the records that it has written. In a resumed run, the whole output is read at
/// the end instead, because the page also has the records of earlier runs.
final class RunPage: Sendable {
    private let name: String
    private let output: String?
    private let resumes: Bool
    private let figures: Mutex<ReportFigures>

    /// Creates the page `name`; nothing is written before `write`.
    ///
    /// `output` is the file of the records; `nil` is standard output.
    init(_ name: String, output: String?, resumes: Bool) {
        (self.name, self.resumes) = (name, resumes)
        self.output = output == "-" ? nil : output
        figures = Mutex(ReportFigures(sources: [self.output ?? "standard output"]))
    }

    /// Counts records that were written; does nothing in a resumed run.
    func count(_ lines: Span<UInt8>) {
        guard !resumes else { return }
        figures.withLock { $0.count(lines: lines) }
    }

    /// Writes the page; gives up on a pipe that nobody reads once `givesUp` returns true.
    ///
    /// - Returns: The error; `nil` on success.
    func write(orUntil givesUp: () -> Bool) -> RunError? {
        var figures = figures.withLock { $0 }
        if resumes, let output {
            do throws(ReportError) {
                figures = try ReportReader.figures(of: [output])
            } catch .empty {
                figures = ReportFigures(sources: [output])
            } catch {
                return .io("cannot write --report '\(name)': \(error)")
            }
        }
        let page = ReportPage.html(of: figures)
        return WholeFile(name, mode: 0o666).write(page, orUntil: givesUp).map {
            .io("cannot write --report '\(name)': \($0)")
        }
    }
}
