// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import RunReport
import Synchronization

/// The page of `--report`, which is written at the end of a run.
///
/// The output thread counts the records that it has written, except in a resumed run. In a resumed run, the
/// whole output is read at the end, because the page also has the records of earlier runs.
final class RunPage: Sendable {
    private let name: String
    private let output: String?
    private let resumes: Bool
    private let readingTime: Int
    private let figures: Mutex<ReportFigures>

    /// Creates the page `name`; nothing is written before `write`.
    ///
    /// `output` is the file of the records; `nil` or `-` is standard output. In a resumed run, the reading of
    /// the output may take `readingTime` milliseconds even if the run must end meanwhile.
    init(_ name: String, output: String?, resumes: Bool, readingTime: Int = 500) {
        (self.name, self.resumes, self.readingTime) = (name, resumes, readingTime)
        self.output = output == "-" ? nil : output
        figures = Mutex(ReportFigures(sources: [self.output ?? "standard output"]))
    }

    /// Counts records that were written; does nothing in a resumed run.
    func count(_ lines: Span<UInt8>) {
        guard !resumes else { return }
        figures.withLock { $0.count(lines: lines) }
    }

    /// Writes the page.
    ///
    /// Once `givesUp` returns true, the function gives up on a pipe that nobody reads. In a resumed run, the
    /// function stops reading the output, and writes no page, once the reading has taken `readingTime` and
    /// `mustLeave` returns true.
    ///
    /// - Returns: A message if the page was left out because of `mustLeave`; otherwise `nil`.
    /// - Throws: `RunError.io` if the page cannot be written, or if the output of a resumed run cannot be
    ///   read.
    func write(
        orUntil givesUp: () -> Bool,
        readingUntil mustLeave: @escaping () -> Bool
    ) throws(RunError) -> String? {
        var figures = figures.withLock { $0 }
        if resumes, let output {
            let start = MonotonicClock.milliseconds()
            do throws(ReportError) {
                figures = try ReportReader.figures(of: [output]) { [readingTime] in
                    MonotonicClock.milliseconds() - start >= readingTime && mustLeave()
                }
            } catch .empty {
                figures = ReportFigures(sources: [output])
            } catch .givenUp {
                return
                    "interrupted; the page '\(name)' was not written, because the output is long; 'fetchpool report' can make it"
            } catch {
                throw .io("cannot write --report '\(name)': \(error)")
            }
        }
        let page = ReportPage.html(of: figures)
        guard let reason = WholeFile(name, mode: 0o666).write(page, orUntil: givesUp) else { return nil }
        throw .io("cannot write --report '\(name)': \(reason)")
    }
}
