// SPDX-License-Identifier: MIT
// fetchpool

import ExecutorFunctions
import Foundation
import ProcessPool
import TestPrograms
import TestThreads
import Testing

/// Tests of submitted tasks: their values, their errors, and the workers that run them.
@Suite(.ownThread) struct SubmitTests {
    @Test func tasksFailWhileNoDescriptorIsLeftForAPool() throws {
        let run = try RunningProgram.run("executor-worker", ["scarce", "descriptors"], within: .seconds(60))
        let lines = run.output.split(separator: "\n")
        #expect(lines.count == 3 && lines.last == "8", "\(run.output)\(run.errors)")
        for line in lines.dropLast() { #expect(line.contains("ulimit -n"), "\(line)") }
        #expect(run.end == .status(0))
    }

    @Test func descriptorsAboveTheLimitAreGivenAsTheReason() throws {
        let run = try RunningProgram.run("executor-worker", ["high"], within: .seconds(60))
        let reason = "this process has open descriptors at or above its limit (ulimit -n 200)"
        #expect(run.output.contains(reason), "\(run.output)\(run.errors)")
    }

    /// The program limits its address space.
    ///
    /// With a sanitizer, a program needs more space than this limit
    /// allows.
    @Test(.enabled(if: !Sanitizer.isUsed)) func tasksFailWhileNoThreadIsLeftForAPool() throws {
        let run = try RunningProgram.run("executor-worker", ["scarce", "threads"], within: .seconds(60))
        let lines = run.output.split(separator: "\n")
        #expect(lines.count == 3 && lines.last == "8", "\(run.output)\(run.errors)")
        for line in lines.dropLast() { #expect(line.contains("no thread can be started"), "\(line)") }
        #expect(run.end == .status(0))
    }

    /// The program may write no file of more than 1,000 bytes.
    ///
    /// This limit would also apply to files that the thread sanitizer maps.
    @Test(.enabled(if: !Sanitizer.isUsed)) func fileSizeLimitEndsNoProgram() throws {
        let run = try RunningProgram.run("executor-worker", ["limited"])
        #expect(run.output == "42\n", "\(run.errors)")
        #expect(run.end == .status(0))
    }

    @Test func callReturnsItsValue() async throws {
        try await withTestPool { pool async throws in
            #expect(try await pool.submit(Functions.double, 21).value == 42)
            #expect(try await pool.submit(Functions.double, -21).value == -42)
            #expect(try await pool.submit(Functions.double, Int.max / 2).value == Int.max - 1)
            #expect(try await pool.submit(Functions.half, 1.5e-300).value == 0.75e-300)
            #expect(try await pool.submit(Functions.isEmpty, "").value)
            let text = "\u{0}\"\\/\n\r\u{2028}é😀"
            #expect(try await pool.submit(Functions.echo, text).value == text)
            let parcel = Parcel(
                name: text,
                weight: -0.1,
                parts: [1: "a", -2: ""],
                content: Data([0, 255, 10]),
                next: [Parcel(name: "", weight: 1e300, parts: [:], content: Data())]
            )
            var heavier = parcel
            heavier.weight += 1
            #expect(try await pool.submit(Functions.heavier, parcel).value == heavier)
        }
    }

    @Test func jsonTextsAreSentWithoutEncoding() async throws {
        try await withTestPool { pool async throws in
            let text = Array(#" { "a" : [ 1, 2.50 ] } "#.utf8)
            let result = try await pool.submit(Functions.json, text).value
            #expect(String(decoding: result, as: UTF8.self) == #"[{"a":[1,2.50]},1]"#)
            let broken = pool.submit(Functions.json, Array("[1,".utf8))
            guard case .unusableInput? = await error(of: { try await broken.value }) as? ProcessPoolError
            else {
                Issue.record("\(String(describing: broken.error))")
                return
            }
        }
    }

    @Test func errorOfTheFunctionCarriesItsTypeAndMessage() async throws {
        try await withTestPool { pool async throws in
            let thrown = await error { try await pool.submit(Functions.evenOnly, 21).value }
            let failure = WorkerFailure(type: "OddNumber", message: "21 is odd")
            #expect(thrown as? ProcessPoolError == .taskFailed(failure))
            #expect("\(failure)" == "OddNumber: 21 is odd")
        }
    }

    @Test func functionThatTheWorkersDoNotHaveIsNamed() async throws {
        try await withTestPool { pool async throws in
            let thrown = await error { try await pool.submit(Functions.notServed, 1).value }
            #expect(thrown as? ProcessPoolError == .unknownFunction("notServed"))
            #expect("\(String(describing: thrown))".contains("notServed"))
        }
    }

    @Test func inputThatCannotBeEncodedFailsAlone() async throws {
        try await withTestPool { pool async throws in
            let futures = [1, Double.nan, 3].map { pool.submit(Functions.half, $0) }
            #expect(try await futures[0].value == 0.5)
            #expect(try await futures[2].value == 1.5)
            guard case .unusableInput? = futures[1].error as? ProcessPoolError else {
                Issue.record("\(String(describing: futures[1].error))")
                return
            }
        }
    }

    @Test func inputAndResultOverTheLimitFailAlone() async throws {
        try await withTestPool { pool async throws in
            let large = pool.submit(Functions.length, String(repeating: "x", count: 17 << 20))
            guard case .unusableInput? = large.error as? ProcessPoolError else {
                Issue.record("\(String(describing: large.error))")
                return
            }
            let result = await error { try await pool.submit(Functions.text, 17 << 20).value }
            guard case .taskFailed(let failure)? = result as? ProcessPoolError else {
                Issue.record("\(String(describing: result))")
                return
            }
            #expect(failure.type == "ResultTooLarge")
            #expect(try await pool.submit(Functions.double, 1).value == 2)
        }
    }

    /// With a sanitizer, 20 MB travel, in shorter lines.
    ///
    /// On a busy machine, a worker with a sanitizer needs seconds to read a line of 5 MB. In this time it
    /// sends no `beat`, so the pool could end it as silent. 100 MB would take a minute, and add nothing that
    /// a sanitizer could find.
    @Test func hundredMegabytesTravelBothWays() async throws {
        try await withTestPool { pool async throws in
            let count = 20
            let size = Sanitizer.isUsed ? 1_000_000 : 5_000_000
            let text = String(repeating: "0123456789", count: size / 10)
            let lengths = (0..<count).map { _ in pool.submit(Functions.length, text) }
            let texts = (0..<count).map { _ in pool.submit(Functions.text, size) }
            for length in lengths { #expect(try await length.value == size) }
            for text in texts { #expect(try await text.value.utf8.count == size) }
        }
    }

    @Test func whatAFunctionPrintsDoesNoHarm() async throws {
        try await withTestPool(1) { pool async throws in
            let futures = (0..<100).map { pool.submit(Functions.prints, $0) }
            for (number, future) in futures.enumerated() { #expect(try await future.value == number) }
        }
    }

    @Test func workersStartOnDemandAndIdleOnesAreUsedFirst() async throws {
        try await withTestPool(3) { pool async throws in
            let first = try await pool.submit(Functions.process, 0).value
            for _ in 0..<20 { #expect(try await pool.submit(Functions.process, 0).value == first) }
            #expect(pool.statistics.startedWorkers == 1)
        }
    }

    @Test func neverMoreWorkersThanAllowed() async throws {
        try await withTestPool(3) { pool async throws in
            let futures = (0..<30).map { _ in pool.submit(Functions.nap, 20) }
            var processes: Set<Int> = []
            for future in futures { processes.insert(try await future.value) }
            #expect(processes.count <= 3)
            #expect(pool.statistics.startedWorkers == processes.count)
        }
    }

    @Test func tasksMayBeSubmittedFromManySwiftTasks() async throws {
        try await withTestPool(2) { pool async throws in
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for first in 0..<8 {
                    group.addTask {
                        var sum = 0
                        for number in 0..<200 {
                            sum += try await pool.submit(Functions.double, first * 200 + number).value
                        }
                        return sum
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 1_600 * 1_599)
        }
    }

    @Test func workerMayHaveAPoolOfItsOwn() async throws {
        try await withTestPool { pool async throws in
            #expect(try await pool.submit(Functions.nested, 4).value == 8)
            let thrown = await error { try await pool.submit(Functions.nested, 5).value }
            #expect("\(String(describing: thrown))".contains("5 is odd"))
        }
    }

    @Test func programGetsObjectsAsTheyAreAndOtherValuesAsTheMemberInput() async throws {
        struct Question: Encodable { let a: Int }
        // Each result is the JSON text of the task, in a JSON string.
        let script = #"""
            while IFS= read -r line; do
              case "$line" in *'"t":"drain"'*) exit 0;; *'"t":"task"'*) ;; *) continue;; esac
              seq=${line#*'"seq":'}; seq=${seq%%,*}; task=${line#*'"task":'}
              printf '{"seq":%s,"result":"%s"}\n' "$seq" "$(printf %s "${task%?}" | sed 's/"/\\"/g')"
            done
            """#
        try await withProcessPool(.program("sh", arguments: ["-c", script])) { pool async throws in
            #expect(try await pool.submit(Question(a: 1), returning: String.self).value == #"{"a":1}"#)
            #expect(try await pool.submit([1, 2], returning: String.self).value == #"{"input":[1,2]}"#)
            let text = try await pool.submit(json: Array(#"{ "b" : 2 }"#.utf8)).value
            #expect(String(decoding: text, as: UTF8.self) == #""{\"b\":2}""#)
            var texts: [String] = []
            for try await text in pool.map([5, 6], returning: String.self) { texts.append(text) }
            #expect(texts == [#"{"input":5}"#, #"{"input":6}"#])
            guard
                case .undecodableResult? = await error(of: {
                    try await pool.submit(1, returning: Int.self).value
                }) as? ProcessPoolError
            else {
                Issue.record("a text in place of an integer did not give undecodableResult")
                return
            }
            guard
                case .wrongWorkers? = await error(of: { try await pool.submit(Functions.double, 1).value })
                    as? ProcessPoolError
            else {
                Issue.record("submitting a function to a pool of programs did not give wrongWorkers")
                return
            }
        }
    }
}
