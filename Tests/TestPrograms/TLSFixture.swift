// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// nginx with TLS and HTTP/2, on a loopback port for each certificate, and on one more port without HTTP/2.
///
/// nginx ends when the last reference to this object is released. `/long-header` responds with 60 KB of
/// header fields. `/redirect-to?url=URL` redirects to the unchanged URL. `/few` ends a connection that has
/// had five requests, and `/close` ends the connection after each response. `/proxy-login` responds with the
/// status 407 to a request without the user name and password `me:s` for a proxy. `/leaked-login` responds
/// with 500 to a request with any user name for a proxy, and with 407 to other requests. Every other path
/// gives a short text. The keys and certificates are created for each fixture, so that the repository
/// contains no certificate that expires.
package final class TLSFixture {
    /// The certificate of a server.
    package enum Certificate: String, CaseIterable, Sendable {
        /// A certificate for `localhost`, 127.0.0.1, ::1 and `*.fixture.test`, signed by the fixture's
        /// authority.
        case good
        /// A certificate for another name, signed by the authority.
        case wrongHost = "wrong-host"
        /// A certificate that was valid for a month in 2020, signed by the authority.
        case expired
        /// A self-signed certificate for the names of `good`.
        case selfSigned = "self-signed"
    }

    /// The path of the authority's certificate, for `--cacert`.
    package var authority: String { folder + "/authority.pem" }

    private let folder: String
    private let ports: [Certificate: UInt16]
    private let portOfHTTP1: UInt16
    private let nginx: RunningProgram

    /// Creates the certificates, and starts nginx.
    ///
    /// - Throws: `ProgramError` if openssl or nginx fails, with the program's message, or if no port is free;
    ///   an error of Foundation if a file cannot be written.
    package init() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/tls-fixture-\(UUID().uuidString)"
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try Self.write(Self.authorityRules, to: folder + "/authority.conf")
        let made = try RunningProgram.run("/bin/sh", ["-c", Self.certificateScript, "openssl", folder])
        guard made.end == .status(0) else {
            throw ProgramError(description: "the TLS servers cannot be prepared: \(made.errors)")
        }
        let reserved = try Certificate.allCases.map { _ in try LoopbackPort() }
        ports = Dictionary(uniqueKeysWithValues: zip(Certificate.allCases, reserved.map(\.number)))
        let plain = try LoopbackPort()
        portOfHTTP1 = plain.number
        try Self.write(Self.configuration(ports, portOfHTTP1), to: folder + "/nginx.conf")
        // nginx must not outlive the tests. When the tests end, the shell's standard input is closed, and
        // then the shell kills nginx.
        let script = #"nginx -p "$1" -c nginx.conf -e stderr & read -r _; kill $!; wait"#
        nginx = try RunningProgram("/bin/sh", ["-c", script, "nginx", folder])
        // nginx writes this line once the sockets listen.
        try nginx.waitForErrors(holding: "event method")
    }

    deinit {
        nginx.endInput()
        _ = try? nginx.waitForEnd()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Returns the paths of a certificate and of its key.
    package func files(_ certificate: Certificate) -> (certificate: String, key: String) {
        ("\(folder)/\(certificate.rawValue).pem", folder + "/server.key")
    }

    /// Returns the URL of the server with a certificate, without a slash at its end.
    package func base(_ certificate: Certificate, host: String = "localhost") -> String {
        "https://\(host):\(ports[certificate, default: 0])"
    }

    /// The URL of a server with the good certificate and only HTTP/1, without a slash at its end.
    package var baseOfHTTP1: String { "https://localhost:\(portOfHTTP1)" }

    /// Returns the port of the server with a certificate.
    package func port(_ certificate: Certificate) -> UInt16 { ports[certificate, default: 0] }

    /// Returns the path of a certificate.
    package func path(of certificate: Certificate) -> String { "\(folder)/\(certificate.rawValue).pem" }

    /// The counts of requests and connections.
    package struct Handshakes {
        /// The number of requests that got a response.
        package var requests = 0
        /// The number of connections that these requests used.
        package var connections = 0
        /// The number of these connections that resumed a session (RFC 8446 §2.2).
        package var resumed = 0
    }

    /// Ends nginx, and returns the counts of requests and connections.
    ///
    /// - Throws: `ProgramError` if nginx does not end, or an error of Foundation if the log cannot be read.
    package func handshakes() throws -> Handshakes {
        // nginx may write a line of the log after the client has the response. So the log is complete only
        // after nginx has ended.
        nginx.endInput()
        _ = try nginx.waitForEnd()
        let log = try String(contentsOfFile: folder + "/connections", encoding: .utf8)
        var sessions: [Substring: Bool] = [:]
        var result = Handshakes()
        for line in log.split(separator: "\n") {
            let words = line.split(separator: " ")
            result.requests += 1
            sessions[words[0]] = words[1] == "r"
        }
        (result.connections, result.resumed) = (sessions.count, sessions.values.count { $0 })
        return result
    }

    /// Returns the requests that got a response, each as method, target and protocol.
    ///
    /// nginx writes a request to its log only after the response. So the function waits until the log has
    /// `count` requests, for ten seconds at most.
    ///
    /// - Throws: An error of Foundation if the log cannot be read.
    package func requests(atLeast count: Int) throws -> [Substring] {
        for _ in 0..<1_000 {
            let requests = try log
            if requests.count >= count { return requests }
            usleep(10_000)
        }
        return try log
    }

    private var log: [Substring] {
        get throws {
            try String(contentsOfFile: folder + "/requests", encoding: .utf8).split(separator: "\n")
        }
    }

    private static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    /// The directives of nginx for header fields of 60 KB.
    private static var longHeader: String {
        (0..<15).map { "add_header X-\($0) \(String(repeating: "a", count: 4_000));" }.joined(separator: " ")
    }

    /// Returns a configuration with one server for each certificate, and one for HTTP/1.
    private static func configuration(_ ports: [Certificate: UInt16], _ portOfHTTP1: UInt16) -> String {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        let all = ports.map { ($0, $1, "http2") } + [(.good, portOfHTTP1, "")]
        let servers = all.map { certificate, port, version in
            """
            server {
                listen 127.0.0.1:\(port) ssl \(version);
                ssl_certificate \(certificate.rawValue).pem;
                ssl_certificate_key server.key;
                location / { return 200 "secure\\n"; }
                location = /redirect-to { return 302 $arg_url; }
                location = /long-header { \(longHeader) return 200 "secure\\n"; }
                location = /proxy-login {
                    if ($http_proxy_authorization != "Basic bWU6cw==") { return 407; }
                    return 200 "secure\\n";
                }
                location = /leaked-login {
                    if ($http_proxy_authorization) { return 500; }
                    return 407;
                }
                location = /close { keepalive_timeout 0; return 200 "secure\\n"; }
                location = /few { keepalive_requests 5; return 200 "secure\\n"; }
            }
            """
        }
        return """
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log stderr notice;
            events { worker_connections 512; }
            http {
            log_format fixture "$request_method $request_uri $server_protocol";
            access_log requests fixture;
            log_format connections "$connection $ssl_session_reused";
            access_log connections connections;
            ssl_session_cache shared:sessions:1m;
            default_type text/plain;
            \(temporary.map { "\($0)_temp_path \($0);" }.joined(separator: "\n"))
            \(servers.joined(separator: "\n"))
            }
            """
    }

    private static let authorityRules = """
        [ca]
        default_ca = fixture
        [fixture]
        database = index
        new_certs_dir = .
        rand_serial = yes
        unique_subject = no
        default_md = sha256
        default_days = 2
        policy = names
        [names]
        commonName = supplied
        [req]
        distinguished_name = nothing
        [nothing]
        [authority]
        basicConstraints = critical, CA:TRUE
        keyUsage = critical, keyCertSign
        subjectKeyIdentifier = hash
        [here]
        subjectAltName = DNS:localhost, DNS:*.fixture.test, IP:127.0.0.1, IP:::1
        [elsewhere]
        subjectAltName = DNS:elsewhere.test

        """

    /// A script that creates the keys and certificates in the folder `$1`.
    ///
    /// The script uses `openssl ca`, because no other command of openssl accepts the dates of a
    /// certificate in every version of OpenSSL 3.
    private static let certificateScript = """
        set -e
        command -v nginx >/dev/null || { echo "nginx is missing; Scripts/test installs it" >&2; exit 1; }
        cd "$1"
        : >index
        openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out authority.key
        openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out server.key
        self() { openssl req -x509 -config authority.conf -days 2 "$@"; }
        self -key authority.key -subj '/CN=Fixture authority' -extensions authority -out authority.pem
        self -key server.key -subj /CN=localhost -extensions here -out self-signed.pem
        openssl req -new -config authority.conf -key server.key -subj /CN=fixture -out request
        sign() { openssl ca -batch -notext -config authority.conf -cert authority.pem -keyfile authority.key -in request "$@"; }
        sign -extensions here -out good.pem
        sign -extensions elsewhere -out wrong-host.pem
        sign -extensions here -startdate 20200101000000Z -enddate 20200201000000Z -out expired.pem
        """
}
