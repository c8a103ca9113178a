// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestPrograms
import TestThreads
import Testing

/// Tests `fixture-server --name-server` over UDP.
@Suite(.ownThread)
struct NameServerTests {
    private let program: RunningProgram
    private let port: UInt16

    init() throws {
        program = try RunningProgram("fixture-server", ["--name-server"])
        let line = try #require(try program.line())
        port = try #require(line.split(separator: ":").last.flatMap { UInt16($0) }, "\(line)")
    }

    /// Returns a recursive query with the id 0x1234; type 1 is A, and type 28 is AAAA.
    private func query(_ name: String, type: UInt8 = 1) -> [UInt8] {
        let labels = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        return [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + labels + [0, 0, type, 0, 1]
    }

    /// Sends all of `queries`, and returns the first response.
    ///
    /// Returns `nil` if none comes within `milliseconds`, or if the socket cannot connect or receive.
    private func response(to queries: [UInt8]..., within milliseconds: Int32 = 60_000) -> [UInt8]? {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // The address is valid during the call, and its size is passed along.
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return nil }
        for query in queries { _ = unsafe send(descriptor, query, query.count, 0) }
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&entry, 1, milliseconds) == 1 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
        return count < 0 ? nil : Array(bytes[..<count])
    }

    @Test func eachNameHasItsLoopbackAddress() throws {
        let one = try #require(response(to: query("a.test")))
        #expect(one.prefix(4) == [0x12, 0x34, 0x85, 0x80])
        #expect(one[7] == 1)
        #expect(one.dropLast(4).last == 4)
        #expect(one.suffix(4).first == 127)
        #expect(response(to: query("A.TEST"))?.suffix(4) == one.suffix(4))
        #expect(response(to: query("b.test"))?.suffix(4) != one.suffix(4))
    }

    @Test func namesHaveNoAAAARecords() throws {
        let reply = try #require(response(to: query("a.test", type: 28)))
        #expect(reply[3] & 0x0F == 0)
        #expect(reply[7] == 0)
    }

    @Test func nameThatBeginsWithGoneDoesNotExist() throws {
        let reply = try #require(response(to: query("gone7.test")))
        #expect(reply[3] & 0x0F == 3)
        #expect(reply[7] == 0)
    }

    @Test func silentNamesAndGarbageGetNoResponse() throws {
        let garbage = [UInt8](repeating: 0xFF, count: 40)
        let last = query("b.test")
        let reply = try #require(response(to: query("silent7.test"), garbage, [], query("a.test")))
        #expect(reply.suffix(4) == response(to: query("a.test"))?.suffix(4))
        #expect(reply.suffix(4) != response(to: last)?.suffix(4))
    }

    @Test func endOfStandardInputEndsTheServer() throws {
        #expect(try program.finish().end == .status(0))
    }
}
