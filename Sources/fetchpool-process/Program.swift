// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import OptionTable
import PoolWorker
import ResponseProcessors

/// The processing worker with the bundled processors; with `--launch` a `Launcher`, and with `--guard` a
/// `GroupGuard`.
@main
enum Program {
    private static let name = ProcessOptions.program

    static func main() {
        do throws(UsageError) {
            let words = ProgramArguments.words
            switch try ProcessOptions.table.parse(words, defaults: ProcessOptions()) {
            case .run(let options): run(options)
            case .print(let text): exit(PrintedText.print(text, program: name))
            }
        } catch {
            complain(error.description)
        }
    }

    private static func run(_ options: ProcessOptions) -> Never {
        if let fault = options.fault { complain(fault) }
        if options.isGuard { GroupGuard.serve() }
        if options.isLauncher {
            Launcher.launch(
                options.command,
                isEscaped: options.isEscaped,
                memoryBytes: options.memory?.bytes,
                parent: options.parent,
                program: name
            )
        }
        SequentialWorker.run(name: name, processors: BundledProcessor.allCases.map(\.rawValue)) { config in
            BundledHandler(try choose(config, else: options.processor).processor)
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
