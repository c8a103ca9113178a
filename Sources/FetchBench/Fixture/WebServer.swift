// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

/// The server of web pages, small responses and large bodies: nginx if it is installed, else the fixture
/// server.
struct WebServer {
    /// The name: `nginx` or `fixture-server`.
    let name: String
    /// The address, without a slash at its end.
    let base: String
    /// The web pages that the server serves.
    let pages: PageFolder
    private let nginx: Nginx?

    /// Starts nginx in `folder`, with content from the fixture server; uses the fixture server itself if
    /// nginx is not installed.
    ///
    /// The fixture server must already serve `pages`.
    ///
    /// - Throws: `BenchError` if nginx is installed and does not start; `FixtureError` if no port is free, or
    ///   if the content cannot be fetched; an error of Foundation if a file cannot be written or no program
    ///   can be started.
    init(_ fixture: FixtureServer, pages: PageFolder, folder: TemporaryFolder) throws {
        self.pages = pages
        guard let program = Nginx.program else {
            (name, base, nginx) = ("fixture-server", fixture.address, nil)
            return
        }
        let files = ["crash", "burn:20", "burn:1000"].map { "task/\($0)" } + ["bytes/1048576"]
        let nginx = try Nginx(program, folder: folder, small: fixture.get("/get"), files: pages.path) {
            site in
            for file in files { try site.add(file, fixture.get("/" + file)) }
        }
        (name, base, self.nginx) = ("nginx", nginx.address, nginx)
    }

    /// Returns the URL of a small response; `number` becomes the query, so that each URL is different.
    func small(_ number: Int) -> String { "\(base)/get?\(number)" }

    /// Returns the URL of a web page; consecutive numbers go through all pages in a cycle.
    func page(_ number: Int) -> String { "\(base)/files/\(number % pages.files.count).html?\(number)" }

    /// Returns the URL of a web page of about 50 KB; consecutive numbers go through these pages in a cycle.
    func evenPage(_ number: Int) -> String {
        "\(base)/files/even-\(number % PageFolder.evenPages).html?\(number)"
    }

    /// Returns the URL of a body of 1 MiB; `number` becomes the query.
    func large(_ number: Int) -> String { "\(base)/bytes/1048576?\(number)" }

    /// Returns the URL of a page with an instruction for its processor, such as `burn:20`.
    func task(_ wish: String, _ number: Int) -> String { "\(base)/task/\(wish)?\(number)" }

    /// Ends nginx, if it is the server.
    func end() { nginx?.end() }
}
