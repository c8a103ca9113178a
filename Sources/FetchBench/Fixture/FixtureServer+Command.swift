// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

extension FixtureServer {
    /// Starts the server by a command, as in the network of a crawl.
    ///
    /// - Throws: `FixtureError` if it does not come up.
    convenience init(_ command: Command) throws {
        try self.init(program: command.program, arguments: command.arguments)
    }
}
