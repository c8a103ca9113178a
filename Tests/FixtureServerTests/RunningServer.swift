// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc

/// A fixture server that was started by a test; closing its standard input ends it.
final class RunningServer {
    let process = Process()
    let port: UInt16
    private let input = Pipe()

    /// Starts the server that was built beside the tests.
    init() throws {
        let output = Pipe()
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent()
            .appendingPathComponent("fixture-server")
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // The one line comes in one write.
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let digits = line.split(separator: ":").last?.filter(\.isNumber)
        guard line.hasPrefix("listening on http://127.0.0.1:"), let digits, let port = UInt16(digits) else {
            throw CocoaError(.fileReadUnknown, userInfo: [NSLocalizedDescriptionKey: "no port in \(line)"])
        }
        self.port = port
    }

    // Waiting also breaks the cycle in which a `Process` that ran keeps its pipes alive.
    deinit { _ = try? end() }

    /// Closes standard input and returns the exit status.
    func end() throws -> Int32 {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Sends `bytes` on a new connection and returns all that comes back; nil after a reset.
    func exchange(_ bytes: String) -> String? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return nil }
        let request = Array(bytes.utf8)
        guard unsafe send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return nil
        }
        var answer: [UInt8] = []
        var piece: [UInt8] = Array(repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(descriptor, &piece, piece.count, 0)
            if count < 0 { return nil }
            if count == 0 { return String(decoding: answer, as: UTF8.self) }
            answer += piece[..<count]
        }
    }

    /// The answer to a GET of `path` on a connection of its own.
    func get(_ path: String) -> String? {
        exchange("GET \(path) HTTP/1.1\r\nHost: fixture\r\nConnection: close\r\n\r\n")
    }
}
