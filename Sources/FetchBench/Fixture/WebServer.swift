// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

/// The server that is measured against: nginx where it is installed, else the fixture server.
struct WebServer {
    /// `nginx`, or `fixture-server`.
    let name: String
    /// The address, without a slash at its end.
    let base: String
    private let nginx: Nginx?

    /// The pages that nginx has, so that no program fetches one and the same.
    private static let pageCount = 20

    /// Starts nginx in `folder`, with what the fixture server would answer.
    ///
    /// - Throws: `BenchError` if nginx is there and does not come up.
    init(_ fixture: FixtureServer, folder: TemporaryFolder) throws {
        guard let program = Nginx.program else {
            (name, base, nginx) = ("fixture-server", fixture.address, nil)
            return
        }
        var pages = (0..<Self.pageCount).map { "page/\($0)" } + ["bytes/1048576"]
        pages += ["crash", "burn:20", "burn:1000"].map { "task/\($0)" }
        let nginx = try Nginx(program, folder: folder, small: fixture.get("/get")) { site in
            for page in pages { try site.add(page, fixture.get("/" + page)) }
        }
        (name, base, self.nginx) = ("nginx", nginx.address, nginx)
    }

    /// The URL of a small answer.
    func small(_ number: Int) -> String { "\(base)/get?\(number)" }

    /// The URL of a page of 50 KB.
    func page(_ number: Int) -> String { "\(base)/page/\(number % Self.pageCount)?\(number)" }

    /// The URL of a body of 1 MB.
    func large(_ number: Int) -> String { "\(base)/bytes/1048576?\(number)" }

    /// The URL of a page that asks its processor for something, such as `burn:20`.
    func task(_ wish: String, _ number: Int) -> String { "\(base)/task/\(wish)?\(number)" }

    /// Ends the server.
    func end() { nginx?.end() }
}
