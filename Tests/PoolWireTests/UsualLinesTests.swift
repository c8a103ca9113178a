// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import SimulationSupport
import TestThreads
import Testing

/// Tests that the fast readers `FastResultReader` and `FastTaskReader` agree with the general readers.
@Suite struct UsualLinesTests {
    @Test(
        .ownThread
    )
    func bothReadersAgreeOnValidAndDamagedResults() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        var (usual, unusual) = (0, 0)
        for round in 0..<60_000 {
            let line = Self.spoiltAtTimes(Self.result(using: &random), round, using: &random)
            var message = ResultMessage(seq: 0)
            guard FastResultReader.read(line.span, into: &message) else {
                unusual += 1
                continue
            }
            usual += 1
            let general = try? WorkerMessage.readAny(line.span)
            guard general != .result(message) else { continue }
            Issue.record(
                "seed \(seed): \(String(reflecting: line.text)) reads as \(message), and as \(String(describing: general))"
            )
            return
        }
        #expect(usual > 15_000 && unusual > 15_000, "seed \(seed)")
    }

    @Test(
        .ownThread
    )
    func bothReadersAgreeOnValidAndDamagedTasks() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        var (usual, unusual) = (0, 0)
        for round in 0..<60_000 {
            let line = Self.spoiltAtTimes(Self.task(using: &random), round, using: &random)
            guard let task = FastTaskReader.read(line.span) else {
                unusual += 1
                continue
            }
            usual += 1
            let general = try? CoordinatorMessage.readAny(line.span)
            guard general != .task(task) else { continue }
            Issue.record(
                "seed \(seed): \(String(reflecting: line.text)) reads as \(task), and as \(String(describing: general))"
            )
            return
        }
        #expect(usual > 15_000 && unusual > 15_000, "seed \(seed)")
    }

    @Test func theFastReadersReadWrittenMessages() {
        var writer = JSONWriter()
        writer.writeTask(seq: 1, attempt: 2, task: Array("{}".utf8).span, response: Array("{}".utf8).span)
        let task = Array(writer.bytes.dropLast())
        let readTask = FastTaskReader.read(task.span)
        #expect(readTask != nil)
        writer.removeAll()
        writer.writeResultMessage(seq: 1) { writer in
            writer.name("result")
            writer.raw(Array("[]".utf8))
        }
        var message = ResultMessage(seq: 0)
        let line = Array(writer.bytes.dropLast())
        let isUsual = FastResultReader.read(line.span, into: &message)
        #expect(isUsual)
    }

    @Test(
        arguments: [
            "0", "7", "00", "01", "-1", "1.5", "1.", ".5", "1e2", "0.001", "0.0001", "12.250",
            "999999999.999",
            "1000000000", "1e9", "123456789012345", "1234567890123456", "9007199254740991",
            "9007199254740993", "",
            "0.1", "0.10", "1.5.5", "1.5e1", "null", "\"1\"",
        ]
    )
    func bothReadersAgreeOnTheNumbersOfResults(number: String) {
        for template in [
            #"{"t":"result","seq":#}"#, #"{"t":"result","seq":1,"status":#}"#,
            #"{"t":"result","seq":1,"result":#}"#,
            #"{"t":"result","seq":1,"status":200,"fields":{"final_url":"x","bytes":{"wire":#,"body":#},"timing":{"dns_ms":#,"total_ms":#}}}"#,
        ] {
            let line = Array(
                template.split(separator: "#", omittingEmptySubsequences: false).joined(separator: number)
                    .utf8
            )
            let (short, general) = (try? WorkerMessage.read(line.span), try? WorkerMessage.readAny(line.span))
            #expect(short == general, "\(line.text)")
        }
    }

    // MARK: Lines

    private static func spoiltAtTimes(
        _ line: String,
        _ round: Int,
        using random: inout SeededGenerator
    ) -> [UInt8] {
        let bytes = Array(line.utf8)
        return round.isMultiple(of: 3) ? bytes : RandomJSON.spoilt(bytes, using: &random)
    }

    private static func result(using random: inout SeededGenerator) -> String {
        var line = #"{"t":"result","seq":"# + whole(using: &random)
        if chance(3, using: &random) { line += #","status":"# + whole(using: &random) }
        if chance(3, using: &random) {
            line += #","fields":{"# + fields(using: &random) + "}"
        } else if chance(3, using: &random) {
            line += #","result":"# + RandomJSON.value(depth: 2, using: &random)
        }
        return line + "}"
    }

    private static func fields(using random: inout SeededGenerator) -> String {
        var fields = #""final_url":"# + text(using: &random)
        if chance(2, using: &random) {
            let isRedirected = !chance(2, using: &random)
            fields += isRedirected ? #","redirects":1"# : #","redirects":0"#
            if isRedirected, chance(3, using: &random) {
                fields += #","redirect_chain":[{"url":"# + text(using: &random) + #","status":302}]"#
            }
        }
        for name in ["http_version", "remote_ip", "content_type"] where chance(2, using: &random) {
            let isVersion = name == "http_version" && chance(2, using: &random)
            fields += #",""# + name + #"":"# + (isVersion ? #""2""# : text(using: &random))
        }
        if chance(3, using: &random) {
            fields +=
                #","bytes":{"wire":"# + whole(using: &random) + #","body":"# + whole(using: &random) + "}"
        }
        guard chance(3, using: &random) else { return fields }
        fields += #","timing":{"#
        for name in ["dns", "connect", "tls", "ttfb"] where chance(2, using: &random) {
            fields += "\"" + name + #"_ms":"# + decimal(using: &random) + ","
        }
        return fields + #""total_ms":"# + decimal(using: &random) + "}"
    }

    private static func task(using random: inout SeededGenerator) -> String {
        var line = #"{"t":"task","seq":"# + whole(using: &random) + #","attempt":"# + whole(using: &random)
        line += #","task":{"url":"# + text(using: &random)
        if chance(2, using: &random) { line += #", "meta" :"# + RandomJSON.value(depth: 2, using: &random) }
        line += "}"
        if chance(2, using: &random) { line += #","response":{"body":"# + text(using: &random) + "}" }
        return line + "}"
    }

    private static func chance(_ most: Int, using random: inout SeededGenerator) -> Bool {
        Int.random(in: 0..<most, using: &random) > 0
    }

    private static func whole(using random: inout SeededGenerator) -> String {
        String(Int.random(in: 0...(1 << Int.random(in: 1..<54, using: &random)), using: &random))
    }

    private static func decimal(using random: inout SeededGenerator) -> String {
        let decimals = Int.random(in: 0...999, using: &random)
        return whole(using: &random).prefix(7) + (chance(3, using: &random) ? "." + String(decimals) : "")
    }

    private static func text(using random: inout SeededGenerator) -> String {
        let plain =
            "\"" + String("http://127.0.0.1:8199/some/path".prefix(Int.random(in: 0...31, using: &random)))
            + "\""
        return chance(3, using: &random) ? plain : RandomJSON.string(using: &random)
    }
}
