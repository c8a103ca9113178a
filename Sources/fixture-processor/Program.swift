// SPDX-License-Identifier: MIT
// fetchpool

import ResponseProcessors

/// A processor as a user might write it.
///
/// It does what the page asks for in `<meta name="fixture" content="WHAT">`.
///
/// The result is `{"bytes":N}`, where N is the size of the body.
@main
struct Fixture: ResponseProcessor {
    func process(_ response: FetchedResponse) throws -> JSONResult {
        if let wish = Wish.find(in: response.body) { try Misdeed.perform(wish) }
        return ["bytes": response.body.count]
    }
}
