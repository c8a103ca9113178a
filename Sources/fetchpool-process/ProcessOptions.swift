// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import OptionTable
import PoolWorker
import ResponseProcessors

/// The command line of `fetchpool-process`: a processing worker, with `--launch` a `Launcher`, and with
/// `--guard` a `GroupGuard`.
struct ProcessOptions {
    static let program = "fetchpool-process"

    var isSupervised = false
    var processor: BundledProcessor?
    var isLauncher = false
    var memory: ByteCount?
    var parent: Int?
    var isEscaped = false
    var isGuard = false
    var command: [String] = []

    static let table = OptionTable<ProcessOptions>(
        program,
        version: ProductVersion.text,
        summary: "Processes the responses that a fetchpool coordinator hands over, one at a time.",
        sections: OptionSection(
            nil,
            .flag("--supervised", sets: \.isSupervised, help: "serve a coordinator over stdin and stdout"),
            .value(
                "--processor",
                as: "NAME",
                sets: \.processor,
                help: "links, text or json; the coordinator's choice wins"
            )
        ),
        OptionSection(
            "To run another program in place of this one, with limits that are set inside the process",
            .flag("--launch", sets: \.isLauncher, help: "become COMMAND; write -- before it"),
            .value("--memory", as: "SIZE", sets: \.memory, help: "the largest memory of the worker"),
            .value("--parent", as: "PID", sets: \.parent, help: "exit if PID is no longer the parent"),
            .flag(
                "--escaped",
                sets: \.isEscaped,
                help: "U+10FF80 to U+10FFFF in COMMAND and in variables stand for bytes"
            ),
            .operands(as: "COMMAND", appendTo: \.command, help: "the program and its arguments")
        ),
        OptionSection(
            "To end workers and their children when the coordinator is gone",
            .flag(
                "--guard",
                sets: \.isGuard,
                help: "read process groups from stdin, and kill these groups at the end of stdin"
            )
        )
    )

    /// The error message for an invalid command line; `nil` if it is valid.
    var fault: String? {
        if isGuard {
            let isAlone = !isLauncher && !isSupervised && processor == nil && command.isEmpty
            return isAlone && memory == nil && parent == nil && !isEscaped ? nil : "--guard stands alone"
        }
        if isLauncher {
            if isSupervised || processor != nil {
                return "--launch can be combined only with --memory, --parent and --escaped"
            }
            if command.isEmpty { return "--launch needs a command; write: --launch -- COMMAND" }
            return memory?.bytes == 0 ? "--memory: the size must be above 0" : nil
        }
        if let word = command.first { return "unexpected argument '\(word)'; only --launch takes a command" }
        if memory != nil || parent != nil || isEscaped {
            return "--memory, --parent and --escaped need --launch"
        }
        // A file on standard input is read as a task that `--crash-dir` has kept.
        let isServing = isSupervised || ManualUse.readsFile(0)
        return isServing ? nil : "it serves only a coordinator; run: fetchpool -p links URL"
    }
}

extension BundledProcessor: OptionValue {}
