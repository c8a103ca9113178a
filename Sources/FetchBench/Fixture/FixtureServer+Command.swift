// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

extension FixtureServer {
    /// Starts the server with `command`, such as a command from `CrawlNetwork.inside(_:)`.
    ///
    /// - Throws: The errors of `init(program:arguments:)`.
    convenience init(_ command: Command) throws {
        try self.init(program: command.program, arguments: command.arguments)
    }
}
