// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import LoopbackFixture

/// The servers of a crawl, in a network of its own: any number of hosts, by name, over HTTP, HTTPS and HTTP/2.
final class CrawlServers {
    private let network: CrawlNetwork
    private let names: FixtureServer
    private let moody: FixtureServer
    private let nginx: Nginx
    private let log: String

    /// The domain of all hosts.
    private static let domain = "bench.test"
    /// The size of the answer of each host.
    private static let pageSize = 2_048

    /// Starts all of them.
    ///
    /// - Throws: `BenchError` that names what is missing.
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
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
        nginx = try Nginx(
            program,
            root: root,
            configuration: Self.configuration(authority),
            network: network
        )
    }

    /// The same command, to be run where these servers are.
    func inside(_ command: Command) -> Command { network.inside(command) }

    /// A page of a host over HTTP.
    static func plain(_ host: String, _ page: Int) -> String { "http://\(host).\(domain)/\(page)" }

    /// A page of a host over HTTPS, with HTTP/1.1.
    static func secure(_ host: String, _ page: Int) -> String { "https://\(host).\(domain)/\(page)" }

    /// A small page of the one host with HTTP/2.
    static func multiplexed(_ page: Int) -> String { "https://h2.\(domain):8443/\(page)" }

    /// A URL of what the fixture server has at a path, as a host's.
    static func moody(_ host: String, _ path: String) -> String {
        "http://\(host).\(domain):8080/\(path)"
    }

    /// The same, by an address of the host's own.
    static func addressed(_ host: Int, _ path: String) -> String {
        "http://127.1.\(host / 250).\(1 + host % 250):8080/\(path)"
    }

    /// Forgets which connections there were.
    func forgetConnections() throws { try Data().write(to: URL(fileURLWithPath: log)) }

    /// The connections over TLS on which something was asked since, and how many of them resumed a session.
    func connections() -> (all: Int, resumed: Int) {
        let lines = (FileManager.default.contents(atPath: log) ?? Data()).split(separator: UInt8(ascii: "\n"))
        return (lines.count, lines.count { $0.first == UInt8(ascii: "r") })
    }

    /// Ends all of them.
    func end() {
        nginx.end()
        names.end()
        moody.end()
        network.end()
    }

    /// One process, like the nginx of the other workloads, which logs each connection with its first request.
    private static func configuration(_ authority: Authority) -> String {
        let page = String(repeating: "A page of 2 KB. ", count: pageSize / 16)
        // Root, of the network's user namespace where there is one: nginx would give its folders to somebody unknown there.
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
