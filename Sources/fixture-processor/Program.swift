// SPDX-License-Identifier: MIT
// fetchpool

import ResponseProcessors

/// A processor as a user might write it, which does what the page asks for in `<meta name="fixture"
/// content="WHAT">`.
///
/// Pages without such a wish return `{"bytes":N}`, as do pages whose wish leaves the process running.
@main
struct Fixture: ResponseProcessor {
    func process(_ response: FetchedResponse) throws -> JSONResult {
        if let wish = Wish.find(in: response.body) { try Misdeed.perform(wish) }
        return ["bytes": response.body.count]
    }
}
