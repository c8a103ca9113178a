// SPDX-License-Identifier: MIT
// fetchpool

import ResponseProcessors

/// A processor as a user would write one, which does what the page asks for in `<meta name="fixture" content="WHAT">`.
///
/// Pages that ask for nothing give `{"bytes":N}`, and so do those that ask for something one survives.
@main
struct Fixture: ResponseProcessor {
    func process(_ response: FetchedResponse) throws -> JSONResult {
        if let wish = Wish.find(in: response.body) { try Misdeed.perform(wish) }
        return ["bytes": response.body.count]
    }
}
