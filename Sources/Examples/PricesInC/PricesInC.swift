// SPDX-License-Identifier: MIT
// fetchpool

import CPrices
import ResponseProcessors

@main
struct PricesInC: ResponseProcessor {
    func process(_ response: FetchedResponse) -> JSONResult {
        ["cents": unsafe price_in_cents(response.text)]
    }
}
