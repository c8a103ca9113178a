// SPDX-License-Identifier: MIT
// fetchpool

import FetchRun
import Glibc
import OptionTable
import Platform
import PoolWorker
import RunReport

/// The command `fetchpool report`, which makes an HTML page from files of records.
enum ReportCommand {
    /// Runs the command and returns the exit status.
    ///
    /// 0: success. 1: the page is made, but some lines are not records; torn lines
    /// (`ReportFigures.tornLines`) and blank lines do not count. 2: wrong usage. 3: `ReportReader` threw an
    /// error, or the output could not be written. 141: the reader of standard output has gone.
    static func main(_ words: [String]) -> Int32 {
        do throws(UsageError) {
            switch try ReportOptions.table.parse(words, defaults: ReportOptions()) {
            case .print(let text):
                return PrintedText.print(text, program: "fetchpool report")
            case .run(let options):
                try options.check()
                let toStandardOutput = options.output == nil || options.output == "-"
                if toStandardOutput, isatty(1) == 1 {
                    throw UsageError("the page is for a browser; name a file with --output")
                }
                return make(options, toStandardOutput: toStandardOutput)
            }
        } catch {
            say(error.description)
            return 2
        }
    }

    private static func make(_ options: ReportOptions, toStandardOutput: Bool) -> Int32 {
        let figures: ReportFigures
        do throws(ReportError) {
            figures = try ReportReader.figures(of: options.names)
        } catch {
            say(error.description)
            return 3
        }
        let page = ReportPage.html(of: figures)
        if toStandardOutput {
            guard writeAll(page.span, to: 1), isWrittenOut(1) else {
                if hasReaderLeft(errno) { return 141 }
                say("cannot write standard output: \(lastSystemError())")
                return 3
            }
        } else if let output = options.output {
            if let reason = WholeFile(output, mode: PageTarget.mode).write(page) {
                say("cannot write --output '\(output)': \(reason)")
                return 3
            }
        }
        for notice in figures.notices { say(notice) }
        return figures.otherLines > 0 ? 1 : 0
    }

    private static func say(_ sentence: String) { FetchRun.say("report: \(sentence)") }
}
