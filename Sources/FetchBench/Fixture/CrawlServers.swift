// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import LoopbackFixture

/// The servers of a crawl over HTTP, HTTPS and HTTP/2, in a network of their own.
final class CrawlServers {
    private let network: CrawlNetwork
    private let names: FixtureServer
    private let moody: FixtureServer
    private let nginx: Nginx
    private let log: String

    /// The domain of all hosts.
    private static let domain = "bench.test"
    /// The size of the page that nginx serves on ports 80 and 443, in bytes.
    private static let pageSize = 2_048

    /// Starts all servers.
    ///
    /// - Throws: `BenchError` or `FixtureError`, if a program is missing or a server does not start; an error
    ///   of Foundation if a file cannot be written.
    init(programFolder: String, folder: TemporaryFolder) throws {
        guard let program = Nginx.program else { throw BenchError("nginx is needed; install nginx-light") }
        let authority = try Authority(domain: Self.domain, folder: folder)
        network = try CrawlNetwork(folder: folder, authority: authority.certificate)
        let server = programFolder + "/fixture-server"
        names = try FixtureServer(network.inside(Command(server, ["--name-server", "--port", "53"])))
        moody = try FixtureServer(
            network.inside(Command(server, ["--address", "0.0.0.0", "--port", "8080"]))
        )
        let root = folder.path + "/nginx-crawl"
        log = root + "/connections"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        nginx = try Nginx(
            program,
            root: root,
            configuration: Self.configuration(authority),
            network: network
        )
    }

    /// Returns a command that runs the program in the network of the servers.
    func inside(_ command: Command) -> Command { network.inside(command) }

    /// Returns the URL of a host's page over HTTP.
    static func plain(_ host: String, _ page: Int) -> String { "http://\(host).\(domain)/\(page)" }

    /// Returns the URL of a host's page over HTTPS, with HTTP/1.1.
    static func secure(_ host: String, _ page: Int) -> String { "https://\(host).\(domain)/\(page)" }

    /// Returns the URL of a small page of the only HTTP/2 host.
    static func multiplexed(_ page: Int) -> String { "https://h2.\(domain):8443/\(page)" }

    /// Returns the URL of a path on the fixture server, which serves all host names.
    static func moody(_ host: String, _ path: String) -> String {
        "http://\(host).\(domain):8080/\(path)"
    }

    /// Returns the URL of a path on the fixture server; each host has its own IPv4 address instead of a name.
    static func addressed(_ host: Int, _ path: String) -> String {
        "http://127.1.\(host / 250).\(1 + host % 250):8080/\(path)"
    }

    /// Clears the log of connections.
    func forgetConnections() throws { try Data().write(to: URL(fileURLWithPath: log)) }

    /// Returns the number of TLS connections in the log, and the number of resumed ones.
    func connections() -> (all: Int, resumed: Int) {
        let lines = (FileManager.default.contents(atPath: log) ?? Data()).split(separator: UInt8(ascii: "\n"))
        return (lines.count, lines.count { $0.first == UInt8(ascii: "r") })
    }

    /// Ends all servers.
    func end() {
        nginx.end()
        names.end()
        moody.end()
        network.end()
    }

    /// Returns a configuration for nginx with one process.
    ///
    /// The process logs the first request of each TLS connection.
    private static func configuration(_ authority: Authority) -> String {
        let page = String(repeating: "A page of 2 KB. ", count: pageSize / 16)
        // In a user namespace, nginx without `user root` would give its folders to a user that does not exist
        // there.
        return """
            user root;
            daemon off;
            master_process off;
            pid nginx.pid;
            worker_rlimit_nofile 65536;
            events { worker_connections 16384; multi_accept on; }
            http {
                map $connection_requests $is_first { 1 1; default 0; }
                log_format connection '$ssl_session_reused';
                access_log off;
                keepalive_requests 1000000000;
                keepalive_timeout 1h;
                tcp_nodelay on;
                default_type text/html;
                \(Nginx.temporaryFolders)
                ssl_certificate \(authority.serverCertificate);
                ssl_certificate_key \(authority.serverKey);
                ssl_session_cache shared:bench:20m;
                ssl_protocols TLSv1.2 TLSv1.3;
                server {
                    listen 0.0.0.0:80 backlog=4096;
                    location / { return 200 '\(page)'; }
                }
                server {
                    listen 0.0.0.0:443 ssl backlog=4096;
                    access_log connections connection if=$is_first;
                    location / { return 200 '\(page)'; }
                }
                server {
                    listen 0.0.0.0:8443 ssl http2 backlog=4096;
                    access_log connections connection if=$is_first;
                    location / { return 200 '{"ok":true,"text":"A small answer of about one hundred bytes, over HTTP/2."}'; }
                }
            }

            """
    }
}
