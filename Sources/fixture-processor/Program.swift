// SPDX-License-Identifier: MIT
// fetchpool

import ResponseProcessors

/// A processor as a user might write it, which does what the page asks for in `<meta name="fixture"
/// content="WHAT">`.
///
/// The result is `{"bytes":N}` if the page has no wish, or if the process still runs after the wish and no
/// error was thrown.
@main
struct Fixture: ResponseProcessor {
    func process(_ response: FetchedResponse) throws -> JSONResult {
        if let wish = Wish.find(in: response.body) { try Misdeed.perform(wish) }
        return ["bytes": response.body.count]
    }
}
