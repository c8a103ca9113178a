// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import FetchRun
import Foundation
import Glibc
import OptionTable
import PoolWorker

/// The entry point, which reads the command line and does a run or a command.
@main
enum Program {
    static func main() {
        clinux_be_first_process()
        openMissingStandardDescriptors()
        FetchRun.surviveFileSizeLimit()
        var words = ProgramArguments.takeWords()
        if words.first == "demo" {
            words.removeFirst()
            leave(Demo.main(words, programFolder: programFolder))
        }
        if words.first == "report" {
            words.removeFirst()
            leave(ReportCommand.main(words))
        }
        FetchRun.deferProgressSignal()
        if words.isEmpty, isatty(0) == 1 {
            complain("name URLs, or give them on standard input; 'fetchpool --help' shows all options")
        }
        do throws(UsageError) {
            if let text = try printedText(words) { leave(PrintedText.print(text, program: "fetchpool")) }
            switch try RunOptions.table.parse(words, defaults: RunOptions()) {
            case .print(let text):
                leave(PrintedText.print(text, program: "fetchpool"))
            case .run(let options):
                let settings = try options.settings(programFolder: programFolder)
                for notice in options.isQuiet ? [] : options.notices {
                    FetchRun.say(notice, options.logFormat, isError: false)
                }
                leave(options.isSupervised ? serve(settings) : FetchRun.run(settings).exitStatus)
            }
        } catch {
            complain(error.description, logFormat(words))
        }
    }

    /// Returns the text for `completion SHELL`, `manual` and `schema NAME`; `nil` if the first word is
    /// another word, or if there is no word.
    ///
    /// - Throws: `UsageError` if the words after the first one are wrong.
    private static func printedText(_ words: [String]) throws(UsageError) -> String? {
        let name = words.count == 2 ? words[1] : ""
        switch words.first {
        case "manual":
            guard words.count == 1 else { throw UsageError("'fetchpool manual' takes no argument") }
            return RunOptions.table.manualPage(RunOptions.manualNotes)
        case "schema":
            if let schema = Schema(rawValue: name) { return schema.text }
            throw UsageError("write 'fetchpool schema records' or 'fetchpool schema statistics'")
        case "completion":
            if let shell = CompletionShell(rawValue: name) {
                return RunOptions.table.completionScript(for: shell, commands: RunOptions.commands)
            }
            throw UsageError("write 'fetchpool completion' and the name of a shell: bash, zsh or fish")
        default: return nil
        }
    }

    /// The folder that contains this program and the bundled workers.
    private static let programFolder: String = {
        let path =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? ProgramArguments.executable
        return URL(fileURLWithPath: path).deletingLastPathComponent().path
    }()

    private static func serve(_ settings: RunSettings) -> Int32 {
        WorkerProcessSetup.resetSignals()
        WorkerProcessSetup.outliveParent()
        let descriptors: ProtocolDescriptors
        do throws(ProtocolDescriptors.Refusal) {
            descriptors = try ProtocolDescriptors.steal()
        } catch {
            complain(error.description, settings.logFormat)
        }
        return FetchRun.serve(settings, input: descriptors.input, output: descriptors.output) {
            WorkerProcessSetup.leaveWithGroup()
        }
    }

    private static func complain(_ sentence: String, _ format: LogFormat = .text) -> Never {
        FetchRun.say(sentence, format)
        leave(2)
    }

    /// Returns the last value of `--log-format` in a command line with an error; `text` if this value is
    /// missing or invalid.
    private static func logFormat(_ words: [String]) -> LogFormat {
        let words = Array(words.prefix { $0 != "--" })
        for (index, word) in words.enumerated().reversed() {
            if word == "--log-format", index + 1 < words.count {
                return LogFormat(rawValue: words[index + 1]) ?? .text
            }
            if word.hasPrefix("--log-format=") {
                return LogFormat(rawValue: String(word.dropFirst("--log-format=".count))) ?? .text
            }
        }
        return .text
    }

    /// Exits without waiting for threads that still read input.
    private static func leave(_ status: Int32) -> Never {
        fflush(nil)
        _exit(status)
    }
}
