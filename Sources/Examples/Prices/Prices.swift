// SPDX-License-Identifier: MIT
// fetchpool

import ResponseProcessors

@main
struct Prices: ResponseProcessor {
    static var takes: BodyKind { .html }

    func process(_ response: FetchedResponse) throws -> JSONResult {
        guard let found = response.text.firstMatch(of: /class="price">\s*(\d+)[.,](\d\d)\s*(\w+)/),
            let units = Int(found.1), let cents = Int(found.2), units < 1_000_000
        else { throw TaskFailure("the page names no price") }
        return ["cents": units * 100 + cents, "currency": found.3]
    }
}
