// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import PoolWorker
import SimulationSupport
import TestThreads
import Testing

/// Tests of `JSONReader` with random documents, which Foundation reads too.
@Suite(.ownThread)
struct JSONReaderAgainstFoundationTests {
    /// The text of a random JSON value.
    private struct RandomValue {
        var text: String
        static let names = ["a", "b", "a b", "é", "\\\"", "\\u0063", ""]

        init(depth: Int, _ random: inout SeededGenerator) {
            let blank = ["", "", " ", "\n"].randomElement(using: &random) ?? ""
            let count = Int.random(in: 0...3, using: &random)
            switch Int.random(in: 0...(depth > 0 ? 8 : 5), using: &random) {
            case 0: text = "null"
            case 1: text = Bool.random(using: &random) ? "true" : "false"
            case 2: text = String(Int.random(in: Int.min...Int.max, using: &random))
            case 3: text = String(Double.random(in: -1e6...1e6, using: &random))
            case 4: text = "\"" + (Self.names.randomElement(using: &random) ?? "") + "\\n\""
            case 5: text = "\(Int.random(in: -99...99, using: &random))e\(count)"
            case 6:
                let parts = (0..<count).map { _ in RandomValue(depth: depth - 1, &random).text }
                text = "[" + blank + parts.joined(separator: "," + blank) + blank + "]"
            default:
                let names = Self.names.shuffled(using: &random).prefix(count)
                let parts = names.map { name in
                    "\"\(name)\"" + blank + ":" + RandomValue(depth: depth - 1, &random).text
                }
                text = "{" + blank + parts.joined(separator: blank + ",") + "}"
            }
        }
    }

    private func isSame(_ reader: JSONReader, _ object: Any) throws -> Bool {
        switch object {
        case is NSNull: return reader.kind == .null && reader.optional == nil
        case let text as String: return try reader.string == text
        case let number as NSNumber:
            if reader.kind == .bool { return try reader.bool == number.boolValue }
            // Foundation reads long fractions as decimals, and rounds them a second time.
            let (ours, theirs) = (try reader.double, number.doubleValue)
            let text = try reader.numberText
            guard ours == Double(text), abs(ours - theirs) <= abs(ours) * 1e-14 else { return false }
            // Foundation reads a number of up to 64 bits exactly if its text has no fraction and no exponent.
            guard text.allSatisfy({ $0.isNumber || $0 == "-" }), text.count <= 18 else { return true }
            return try reader.integer() == number.intValue
        case let array as [Any]:
            let elements = try reader.elements
            guard elements.count == array.count else { return false }
            for (index, inner) in array.enumerated() {
                let isSameElement = try isSame(elements[index], inner) && isSame(reader[index], inner)
                guard isSameElement else { return false }
            }
            return reader[array.count].kind == nil
        case let members as [String: Any]:
            guard try reader.members.count == members.count else { return false }
            return try members.allSatisfy { try isSame(reader[$0.key], $0.value) }
        default: return false
        }
    }

    @Test func bothReadersReadTheSameValuesFromRandomDocuments() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5_000 {
            let text = RandomValue(depth: 5, &random).text
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            #expect(try isSame(try JSONReader(text), object), "seed \(seed): \(text)")
        }
    }

    @Test func documentsThatBothReadersAcceptHaveTheSameValues() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let junk = Array(#"{}[]:,"\u0e-.x"#.utf8) + [0x00, 0x80, 0xC3, 0xFF]
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = Array(RandomValue(depth: 4, &random).text.utf8)
            for _ in 0...Int.random(in: 0...2, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                let byte = junk.randomElement(using: &random) ?? 0
                if place < bytes.count, Bool.random(using: &random) {
                    bytes[place] = byte
                } else {
                    bytes.insert(byte, at: place)
                }
            }
            let object = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            do {
                let reader = try JSONReader(bytes)
                // Foundation refuses half a surrogate pair and numbers outside of the range of `Double`. The
                // grammar allows both.
                guard let object else { continue }
                let agrees = (try? isSame(reader, object)) ?? false
                // Foundation keeps only one of several members with the same name.
                let repeats = (try? Self.repeatsNames(reader)) ?? true
                #expect(agrees || repeats, "seed \(seed): \(bytes)")
            } catch {
                refused += 1
                #expect((0...bytes.count).contains(error.offset), "seed \(seed): \(bytes)")
                #expect(!error.description.isEmpty)
            }
        }
        #expect(refused > 1_000, "seed \(seed)")
    }

    private static func repeatsNames(_ reader: JSONReader) throws -> Bool {
        switch reader.kind {
        case .object:
            let members = try reader.members
            return try Set(members.map(\.name)).count < members.count
                || members.contains { try repeatsNames($0.value) }
        case .array: return try reader.elements.contains { try repeatsNames($0) }
        default: return false
        }
    }

    @Test func errorAtEachValueContainsThePathOfTheValue() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let reader = try JSONReader(RandomValue(depth: 5, &random).text)
            try checkPaths(reader, path: "")
        }
    }

    private func checkPaths(_ reader: JSONReader, path: String) throws {
        for (name, value) in reader.kind == .object ? try reader.members : [] {
            let plain = !name.isEmpty && name.utf8.allSatisfy { $0 < 0x7F && $0 > 0x60 }
            let step = plain ? (path.isEmpty ? name : "." + name) : "[\(name.debugDescription)]"
            try checkPaths(value, path: path + step)
        }
        for (index, value) in (reader.kind == .array ? try reader.elements : []).enumerated() {
            try checkPaths(value, path: path + "[\(index)]")
        }
        let error = #expect(throws: JSONReaderError.self) {
            if reader.kind == .bool { _ = try reader.string } else { _ = try reader.bool }
        }
        #expect(error?.path == path)
    }
}
