// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import OptionTable
import PoolWorker
import ResponseProcessors

/// The processing worker: one response at a time, with one of the bundled processors.
@main
enum Program {
    private static let name = "fetchpool-process"

    static func main() {
        do throws(UsageError) {
            switch try table.parse(Array(CommandLine.arguments.dropFirst()), defaults: Settings()) {
            case .run(let settings): run(settings)
            case .print(let text): print(text)
            }
        } catch {
            complain(error.description)
        }
    }

    private struct Settings {
        var isSupervised = false
        var processor: BundledProcessor?
    }

    private static let table = OptionTable<Settings>(
        name,
        version: "0.1.0",
        summary: "Process the responses that a fetchpool coordinator hands over, one at a time.",
        sections: OptionSection(
            nil,
            .flag("--supervised", sets: \.isSupervised, help: "serve a coordinator over stdin and stdout"),
            .value(
                "--processor",
                as: "NAME",
                sets: \.processor,
                help: "links, text or json; the coordinator's choice wins"
            )
        )
    )

    private static func run(_ settings: Settings) -> Never {
        guard settings.isSupervised else {
            complain("it only serves a coordinator; run it with --supervised")
        }
        SequentialWorker.run(name: name, processors: BundledProcessor.allCases.map(\.rawValue)) { config in
            ProcessorHandler(try choose(config, else: settings.processor).processor)
        }
    }

    private static func choose(
        _ config: [UInt8],
        else default: BundledProcessor?
    ) throws(WorkerSetupError) -> BundledProcessor {
        let named = BundledProcessor.name(inConfig: config)
        guard let chosen = named.map(BundledProcessor.init(rawValue:)) ?? `default` else {
            let fault = named.map { "unknown processor '\($0)'" } ?? "no processor was named"
            throw WorkerSetupError("\(fault); choose \(BundledProcessor.expectation)", exitStatus: 2)
        }
        return chosen
    }

    private static func complain(_ sentence: String) -> Never {
        standardErrorSays(name, sentence)
        exit(2)
    }
}

extension BundledProcessor: OptionValue {}
