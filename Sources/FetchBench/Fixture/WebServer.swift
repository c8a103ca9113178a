// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

/// The server of most workloads: nginx if it is installed, else the fixture server.
struct WebServer {
    /// The name: `nginx` or `fixture-server`.
    let name: String
    /// The address, without a slash at its end.
    let base: String
    private let nginx: Nginx?

    /// The number of different pages, so that a program does not fetch the same page all the time.
    private static let pageCount = 20

    /// Starts nginx in `folder`, with content from the fixture server; uses the fixture server itself if
    /// nginx is not installed.
    ///
    /// - Throws: `BenchError` if nginx is installed and does not start.
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

    /// Returns the URL of a small response.
    func small(_ number: Int) -> String { "\(base)/get?\(number)" }

    /// Returns the URL of a page of 50 KB.
    func page(_ number: Int) -> String { "\(base)/page/\(number % Self.pageCount)?\(number)" }

    /// Returns the URL of a body of 1 MiB.
    func large(_ number: Int) -> String { "\(base)/bytes/1048576?\(number)" }

    /// Returns the URL of a page with an instruction for its processor, such as `burn:20`.
    func task(_ wish: String, _ number: Int) -> String { "\(base)/task/\(wish)?\(number)" }

    /// Ends nginx, if it is the server.
    func end() { nginx?.end() }
}
