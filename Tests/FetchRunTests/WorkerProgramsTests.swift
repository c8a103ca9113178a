// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import ProcessPool
import TestFolders
import Testing

@testable import FetchRun

@Suite struct WorkerProgramsTests {
    private let folder = TestFolder()
    private var programs: WorkerPrograms { WorkerPrograms(folder: folder.path) }

    private func program(_ name: String) throws -> String {
        let path = try folder.write("#!/bin/sh\n", to: name)
        unsafe chmod(path, 0o755)
        return path
    }

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch RunError.cannotStart(let message) {
            return message
        } catch {
            return "another error: \(error)"
        }
    }

    @Test func aBundledProgramIsRunAsAWorker() throws {
        let path = try program("fetchpool-fetch")
        let command = try programs.bundled("fetchpool-fetch", ["--more"])
        #expect(command == WorkerCommand(executable: path, arguments: ["--more", "--supervised"]))
    }

    @Test func theErrorForAMissingBundledProgramHasItsPath() {
        let text = message { _ = try programs.bundled("fetchpool-process") }
        #expect(text.contains("'\(folder.path)/fetchpool-process' is missing"))
    }

    @Test(
        arguments: ["--exec", "--worker"]
    )
    func theErrorForAProgramOfTheUserHasTheOptionAndTheName(option: String) throws {
        try folder.write("", to: "not-executable")
        for name in [
            "no-such-program-anywhere", folder.file("none"), folder.file("not-executable"), folder.path,
        ] {
            let text = message { _ = try programs.command([name, "x"], option: option) }
            #expect(text.hasPrefix("\(option): "))
            #expect(text.contains("'\(name)'"))
        }
        #expect(message { _ = try programs.command([], option: option) } == "\(option) names no program")
    }

    @Test func aProgramIsFoundByItsPathOrInPATHAndKeepsItsArguments() throws {
        let path = try program("mine")
        _ = try program("fetchpool-process")
        let own = try programs.command([path, "-a", "b c"], option: "--exec")
        #expect(own.executable == path)
        #expect(own.arguments == ["-a", "b c"])
        #expect(own.shownName == "\(path) -a b c")
        #expect(try programs.command(["sh"], option: "--exec").executable.hasSuffix("/sh"))
    }

    @Test func theLauncherRunsACommandOfTheUserAndSetsItsMemoryLimit() throws {
        let launcher = try program("fetchpool-process")
        let free = try programs.command(["sh"], option: "--exec")
        #expect(free.launcher == [launcher, "--launch", "--parent", "\(getpid())", "--"])
        let limited = try programs.command(["sh"], option: "--worker", memoryBytes: 1_000)
        #expect(
            limited.launcher == [launcher, "--launch", "--parent", "\(getpid())", "--memory", "1000", "--"]
        )
    }
}
