// SPDX-License-Identifier: MIT
// fetchpool

import ResponseProcessors

/// A processor with an optional argument, a preparation and an asynchronous method.
@main
struct KitProcessor: ResponseProcessor {
    private var mark = ""
    private var isPrepared = false

    init() {}

    init(arguments: [String]) throws {
        guard arguments.count <= 1 else { throw WorkerSetupError("give one mark at most", exitStatus: 2) }
        mark = arguments.first ?? ""
    }

    mutating func prepare() async throws {
        try await Task.sleep(for: .milliseconds(1))
        if mark == "refuse" { throw TaskFailure("the model is missing; run fetch-model") }
        isPrepared = true
    }

    func process(_ response: FetchedResponse) async throws -> JSONResult {
        try await Task.sleep(for: .milliseconds(1))
        let ratio = Double(response.body.count) / (mark == "nan" ? 0 : 2)
        return [
            "mark": mark, "prepared": isPrepared, "text": response.text,
            "type": response[header: "Content-Type"],
            "task": ["id": try response.taskJSON["id"], "nested": [1, "two", nil]],
            "ratio": ratio,
        ]
    }
}
