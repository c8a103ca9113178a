// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import LoopbackFixture
import Platform

/// A running nginx with one process.
final class Nginx {
    /// The path of nginx; `nil` if it is not installed.
    static let program = ["nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"].lazy
        .compactMap(SystemPath.program).first

    /// The address of a server outside of a `CrawlNetwork`: `http://127.0.0.1:PORT`.
    var address: String { "http://127.0.0.1:\(port)" }
    private var port: UInt16 = 80
    private let shell = Process()
    private let input = Pipe()

    /// The files that the server provides.
    struct Site {
        fileprivate let root: String

        /// Writes a file to `path` below the root; nginx serves it as HTML.
        func add(_ path: String, _ content: Data) throws {
            let file = URL(fileURLWithPath: root + "/" + path)
            let folder = file.deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try content.write(to: file)
        }
    }

    /// Starts nginx, which serves `/get` from `small`, `/files/NAME` from the folder `files`, and other
    /// paths from the files that `fill` adds.
    ///
    /// - Throws: `BenchError` if nginx does not start; `FixtureError` if no port is free; an error of
    ///   Foundation or of `fill`.
    convenience init(
        _ program: String,
        folder: TemporaryFolder,
        small: Data,
        files: String,
        fill: (Site) throws -> Void
    )
        throws
    {
        let root = folder.path + "/nginx"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
        try fill(Site(root: root + "/site"))
        let port = try LoopbackRequest.freePort()
        let text = Self.configuration(
            port: port,
            small: String(decoding: small, as: UTF8.self),
            files: files
        )
        try self.init(program, root: root, configuration: text)
        self.port = port
    }

    /// Starts nginx in the folder `root`, in a network if one is given.
    ///
    /// - Throws: `BenchError` if nginx does not start; an error of Foundation if the configuration cannot be
    ///   written or no program can be started.
    init(_ program: String, root: String, configuration: String, network: CrawlNetwork? = nil) throws {
        try configuration.write(toFile: root + "/nginx.conf", atomically: false, encoding: .utf8)
        // The script ends nginx when the pipe is closed, also if this process dies.
        let script = #""$0" -p "$1" -c nginx.conf -e stderr 2>"$1/errors" & read -r _; kill $!; wait"#
        let command = Command("/bin/sh", ["-c", script, program, root])
        let placed = network?.inside(command) ?? command
        shell.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        shell.arguments = [placed.program] + placed.arguments
        shell.standardInput = input
        try shell.run()
        guard Self.isUp(root, within: 5) else {
            let errors = (try? String(contentsOfFile: root + "/errors", encoding: .utf8)) ?? ""
            end()
            throw BenchError("nginx does not start: \(errors)")
        }
    }

    /// Returns true once nginx has written its process id, and thus listens; false after `seconds`.
    private static func isUp(_ root: String, within seconds: Double) -> Bool {
        let end = ProgramRun.now() + seconds
        while ProgramRun.now() < end {
            let pid = FileManager.default.contents(atPath: root + "/nginx.pid") ?? Data()
            if pid.last == UInt8(ascii: "\n") { return true }
            _ = poll(nil, 0, 20)
        }
        return false
    }

    /// Ends nginx.
    func end() { try? input.fileHandleForWriting.close() }

    /// The directives for the folders that nginx makes at its start; only root can make the default folders.
    static let temporaryFolders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map { "\($0)_temp_path \($0);" }.joined(separator: " ")

    /// Returns a configuration for nginx with one process, which listens only on loopback.
    private static func configuration(port: UInt16, small: String, files: String) -> String {
        """
        daemon off;
        master_process off;
        pid nginx.pid;
        events { worker_connections 4096; multi_accept on; }
        http {
            access_log off;
            keepalive_requests 1000000000;
            keepalive_timeout 1h;
            sendfile on;
            tcp_nodelay on;
            open_file_cache max=10000;
            default_type text/html;
            \(temporaryFolders)
            server {
                listen 127.0.0.1:\(port) backlog=4096;
                root site;
                location = /get { default_type application/json; return 200 '\(small)'; }
                location /files/ { alias "\(files)/"; }
            }
        }

        """
    }
}
