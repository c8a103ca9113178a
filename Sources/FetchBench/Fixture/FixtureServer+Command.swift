// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

extension FixtureServer {
    /// Starts the server with a command, which may run it in the network of a crawl.
    ///
    /// - Throws: `FixtureError` if the server does not start.
    convenience init(_ command: Command) throws {
        try self.init(program: command.program, arguments: command.arguments)
    }
}
