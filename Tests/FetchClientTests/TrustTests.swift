// SPDX-License-Identifier: MIT
// fetchpool

import Dispatch
import FetchModel
import Foundation
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of the certificates with which the client checks servers.
@Suite(.ownThread)
struct TrustTests {
    @Test func fileIsUsedWithoutTheFolder() {
        // libcurl caches the content of the file only if no folder is set.
        let store = TrustStore(chosenFile: nil, builtInFile: "/etc/passwd", builtInFolder: "/etc")
        #expect(store.file == "/etc/passwd" && store.folder == nil)
        let chosen = TrustStore(chosenFile: "/chosen", builtInFile: "/etc/passwd", builtInFolder: "/etc")
        #expect(chosen.file == "/chosen" && chosen.folder == nil)
    }

    @Test func folderIsUsedIfThereIsNoFile() {
        let store = TrustStore(chosenFile: nil, builtInFile: "/nonexistent", builtInFolder: "/etc")
        #expect(store.file == nil && store.folder == "/etc")
        let other = TrustStore(chosenFile: nil, builtInFile: nil, builtInFolder: "/etc")
        #expect(other.file == nil && other.folder == "/etc")
    }

    @Test func missingStoreIsLeftToLibcurl() {
        let store = TrustStore(chosenFile: nil, builtInFile: "/nonexistent", builtInFolder: "/nonexistent/d")
        #expect(store.file == "/nonexistent" && store.folder == "/nonexistent/d")
        let none = TrustStore(chosenFile: nil, builtInFile: nil, builtInFolder: nil)
        #expect(none.file == nil && none.folder == nil)
    }

    @Test func renewedFileIsNoticedOnce() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/trust-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/file"
        try Data("one".utf8).write(to: URL(fileURLWithPath: path))
        var watch = TrustWatch(path, interval: 10)
        var looks = [watch.isRenewed(now: 0)]
        // Like a package manager, the test writes a new file and renames it. But the test removes the old
        // file first, so there is no file for a moment.
        try Data("two".utf8).write(to: URL(fileURLWithPath: path + ".new"))
        try FileManager.default.removeItem(atPath: path)
        looks.append(watch.isRenewed(now: 10))
        try FileManager.default.moveItem(atPath: path + ".new", toPath: path)
        for time in [19, 20, 30] { looks.append(watch.isRenewed(now: time)) }
        #expect(looks == [false, false, false, true, false])
        var nothing = TrustWatch(nil)
        let isRenewed = nothing.isRenewed(now: 1_000_000)
        #expect(!isRenewed)
    }

    /// During a long run, the system's file of trusted certificates can change.
    @Test func renewedFileAppliesToNewConnections() throws {
        let fixture = try TLSFixture()
        let trusted = FileManager.default.temporaryDirectory.path + "/trust-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: trusted) }
        func trust(_ file: String) throws {
            let text = try Data(contentsOf: URL(fileURLWithPath: file))
            try text.write(to: URL(fileURLWithPath: trusted), options: .atomic)
        }
        let gate = DispatchSemaphore(value: 0)
        let server = try ScriptedServer { _, peer in
            _ = gate.wait(timeout: .now() + 120)
            peer.respond()
            return .keep
        }
        defer { gate.signal() }
        try trust(fixture.authority)
        var settings = FetchSettings()
        (settings.certificateFile, settings.timeout) = (trusted, .seconds(120))
        var guards = ClientGuards()
        guards.trustInterval = 0
        let driven = try DrivenClient(settings, guards: guards)
        // The client checks the file only while a transfer is running.
        let waiting = try driven.begin(server.base + "/")
        let (good, own) = (fixture.base(.good) + "/close", fixture.base(.selfSigned) + "/close")
        #expect(try driven.fetch(good)?.error == nil)
        #expect(try driven.fetch(own)?.error?.errorClass == .tls)
        try trust(fixture.path(of: .selfSigned))
        // The multi handle with the running transfer and the newest two multi handles remain.
        #expect(driven.turn { driven.client.loop.count == 3 })
        #expect(try driven.fetch(good)?.error?.errorClass == .tls)
        #expect(try driven.fetch(own)?.error == nil)
        gate.signal()
        #expect(driven.result(of: waiting)?.error == nil)
    }
}
