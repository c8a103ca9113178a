// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import SimulationSupport
import Testing

@testable import Spool

@Suite struct SpoolLedgerTests {
    private let first = SegmentName(worker: 3, number: 1)

    @Test func aSegmentWithoutNeededBodiesStaysWhileItsWorkerMayWriteToIt() {
        var ledger = SpoolLedger()
        let body = BodyPlace.spooled(3, 1, at: 0, 100)
        #expect(ledger.announce(body, memoryBytes: 10) == [])
        #expect(ledger.release(body, memoryBytes: 10) == [])
        #expect(ledger.keeps(first))
        #expect(ledger.announce(.spooled(3, 2, at: 0, 5), memoryBytes: 10) == [first])
        #expect(!ledger.keeps(first))
        #expect(ledger.segmentBytes == 5)
    }

    @Test func aSegmentThatItsWorkerHasLeftStaysWhileABodyInItIsNeeded() {
        var ledger = SpoolLedger()
        let bodies = [BodyPlace.spooled(3, 1, at: 0, 100), .spooled(3, 1, at: 100, 50)]
        for body in bodies { #expect(ledger.announce(body, memoryBytes: 0) == []) }
        #expect(ledger.workerEnded(3) == [])
        #expect(ledger.release(bodies[1], memoryBytes: 0) == [])
        #expect(ledger.segmentBytes == 150)
        #expect(ledger.release(bodies[0], memoryBytes: 0) == [first])
        #expect(ledger.segmentBytes == 0)
        #expect(ledger.workerEnded(3) == [])
    }

    @Test func aRepeatedReportOfAnOldSegmentDoesNotCloseTheNewerSegment() {
        var ledger = SpoolLedger()
        let second = SegmentName(worker: 3, number: 2)
        #expect(ledger.reach(first) == [])
        let body = BodyPlace.spooled(3, 2, at: 0, 100)
        #expect(ledger.announce(body, memoryBytes: 0) == [])
        #expect(ledger.reach(first) == [])
        #expect(ledger.release(body, memoryBytes: 0) == [])
        #expect(ledger.announce(.spooled(3, 2, at: 100, 50), memoryBytes: 0) == [])
        #expect(ledger.keeps(second))
    }

    @Test func theEndOfAWorkerDoesNotCloseTheSegmentOfAnotherWorker() {
        var ledger = SpoolLedger()
        let body = BodyPlace.spooled(3, 1, at: 0, 100)
        _ = ledger.announce(body, memoryBytes: 0)
        _ = ledger.release(body, memoryBytes: 0)
        #expect(ledger.workerEnded(4) == [])
        #expect(ledger.workerEnded(3) == [first])
    }

    @Test func aSegmentCountsOnceEvenIfItsBodiesAreAnnouncedOutOfOrder() {
        var ledger = SpoolLedger()
        _ = ledger.announce(.spooled(3, 1, at: 100, 50), memoryBytes: 1)
        _ = ledger.announce(.spooled(3, 1, at: 0, 100), memoryBytes: 2)
        _ = ledger.announce(.inline(bytes: 9), memoryBytes: 4)
        #expect(ledger.segmentBytes == 150)
        #expect(ledger.memoryBytes == 7)
    }

    @Test func eachFetchInFlightTakesTheSpaceOfARecentResponse() {
        var ledger = SpoolLedger()
        #expect(ledger.hasRoom(inFlight: 1_000, limit: 0))
        let body = BodyPlace.spooled(3, 1, at: 0, 100)
        _ = ledger.announce(body, memoryBytes: 20)
        _ = ledger.announce(.inline(bytes: 50), memoryBytes: 60)
        // 100 bytes wait in the segment, and 80 bytes wait in memory. The responses have 120 and 60 bytes.
        // Each fetch in flight counts as 105 bytes, because the second response lowers 120 by an eighth.
        #expect(ledger.hasRoom(inFlight: 0, limit: 180))
        #expect(!ledger.hasRoom(inFlight: 0, limit: 179))
        #expect(ledger.hasRoom(inFlight: 2, limit: 390))
        #expect(!ledger.hasRoom(inFlight: 2, limit: 389))
    }

    @Test func eachFetchInFlightTakesTheSpaceOfAMeanResponse() {
        var ledger = SpoolLedger()
        let sizes = [1_000] + [Int](repeating: 0, count: 99)
        for size in sizes {
            _ = ledger.announce(.inline(bytes: size), memoryBytes: size)
            _ = ledger.release(.inline(bytes: size), memoryBytes: size)
        }
        #expect(ledger.hasRoom(inFlight: 10, limit: 100))
        #expect(!ledger.hasRoom(inFlight: 11, limit: 100))
    }

    /// After the large body, either small bodies follow, or fetches end without a response that must wait.
    @Test(arguments: [true, false])
    func aLargeBodyAfterManySmallOnesCountsForAShortTime(bodiesFollow: Bool) {
        var ledger = SpoolLedger()
        let limit = 256 << 20
        var offset = 0
        func take(_ bytes: Int) -> BodyPlace {
            defer { offset += bytes }
            let place = BodyPlace.spooled(3, 1, at: offset, bytes)
            _ = ledger.announce(place, memoryBytes: 500)
            return place
        }
        for _ in 0..<20_000 { _ = ledger.release(take(100), memoryBytes: 500) }
        #expect(ledger.hasRoom(inFlight: 1_000, limit: limit))
        let large = take(30_000_000)
        #expect(!ledger.hasRoom(inFlight: 20, limit: limit))
        _ = ledger.release(large, memoryBytes: 500)
        for _ in 0..<30 {
            if bodiesFollow { _ = ledger.release(take(100), memoryBytes: 500) } else { ledger.noteOther() }
        }
        #expect(ledger.hasRoom(inFlight: 256, limit: limit), "one large body slows the run")
    }

    @Test func aLargeFirstBodyCountsForAShortTimeIfTheOtherFetchesFail() {
        var ledger = SpoolLedger()
        let place = BodyPlace.spooled(3, 1, at: 0, 30_000_000)
        _ = ledger.announce(place, memoryBytes: 500)
        _ = ledger.release(place, memoryBytes: 500)
        #expect(!ledger.hasRoom(inFlight: 20, limit: 256 << 20))
        for _ in 0..<100 { ledger.noteOther() }
        #expect(ledger.hasRoom(inFlight: 256, limit: 256 << 20))
    }

    @Test func theNumberOfWaitingResponsesIsBounded() {
        var ledger = SpoolLedger()
        let body = BodyPlace.inline(bytes: 1)
        for _ in 1..<SpoolLedger.mostHeld { _ = ledger.announce(body, memoryBytes: 1) }
        #expect(ledger.hasRoom(inFlight: 0, limit: 1 << 30))
        _ = ledger.announce(body, memoryBytes: 1)
        #expect(!ledger.hasRoom(inFlight: 0, limit: 1 << 30))
        _ = ledger.release(body, memoryBytes: 1)
        #expect(ledger.hasRoom(inFlight: 0, limit: 1 << 30))
    }

    @Test func bodiesLargerThanTheLimitComeOneAtATime() {
        var ledger = SpoolLedger()
        let body = BodyPlace.inline(bytes: 1_000)
        _ = ledger.announce(body, memoryBytes: 1_000)
        #expect(!ledger.hasRoom(inFlight: 0, limit: 500))
        _ = ledger.release(body, memoryBytes: 1_000)
        #expect(ledger.isEmpty)
        #expect(ledger.hasRoom(inFlight: 0, limit: 500))
        #expect(!ledger.hasRoom(inFlight: 1, limit: 500))
    }

    @Test(
        arguments: 1...12 as ClosedRange<UInt64>
    )
    func aSegmentIsRemovedWhenNoWorkerWritesToItAndNoBodyInItIsNeeded(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var ledger = SpoolLedger()
        var model = LedgerModel()
        for _ in 0..<400 {
            let gone: [SegmentName]
            switch Int.random(in: 0..<20, using: &random) {
            case 0...8:
                let body = model.announce(using: &random)
                gone = ledger.announce(body.place, memoryBytes: body.memoryBytes)
            case 9...18:
                guard let body = model.release(using: &random) else { continue }
                gone = ledger.release(body.place, memoryBytes: body.memoryBytes)
            default: gone = ledger.workerEnded(model.endWorker(using: &random))
            }
            let expected = model.goesNow()
            #expect(Set(gone) == expected)
            #expect(gone.count == expected.count)
            #expect(ledger.segmentBytes == model.segmentBytes)
            #expect(ledger.memoryBytes == model.memoryBytes)
            #expect(model.named.allSatisfy { ledger.keeps($0) == !model.gone.contains($0) })
        }
        #expect(model.gone.count > 10)
    }
}

/// A model of the ledger; the model keeps all bodies, and applies the rule for removal to all segments at
/// each step.
private struct LedgerModel {
    struct Body {
        let place: BodyPlace
        let memoryBytes: Int
        var isReleased = false

        var segment: SegmentName? {
            if case .spooled(let name, _, _, _) = place { name } else { nil }
        }
        var end: Int {
            if case .spooled(_, let offset, let bytes, _) = place { offset + bytes } else { 0 }
        }
    }

    private(set) var bodies: [Body] = []
    private(set) var gone: Set<SegmentName> = []
    private var running = [0, 1, 2]
    private var ended: Set<Int> = []
    private var current: [Int: SegmentName] = [:]
    /// The size of each segment, in bytes, when its last needed body was released.
    ///
    /// If that happened more than once, the latest size counts. A segment in which it never happened has no
    /// entry.
    private var idleEnds: [SegmentName: Int] = [:]

    var named: Set<SegmentName> { Set(bodies.compactMap(\.segment)) }
    var memoryBytes: Int { bodies.reduce(0) { $0 + ($1.isReleased ? 0 : $1.memoryBytes) } }
    var segmentBytes: Int {
        named.subtracting(gone).filter(isNeeded).reduce(0) { sum, name in
            sum + end(of: name) - (idleEnds[name] ?? 0)
        }
    }

    private func isNeeded(_ name: SegmentName) -> Bool {
        bodies.contains { $0.segment == name && !$0.isReleased }
    }

    private func end(of name: SegmentName) -> Int {
        bodies.filter { $0.segment == name }.map(\.end).max() ?? 0
    }

    mutating func announce(using random: inout SeededGenerator) -> Body {
        let worker = running[Int.random(in: 0..<3, using: &random)]
        let bytes = Int.random(in: 0...1_000, using: &random)
        var place = BodyPlace.inline(bytes: bytes)
        if Int.random(in: 0..<5, using: &random) > 0 {
            var name = current[worker] ?? SegmentName(worker: worker, number: 1)
            if Int.random(in: 0..<4, using: &random) == 0 { name.number += 1 }
            current[worker] = name
            place = .spooled(worker, name.number, at: Int.random(in: 0...9_000, using: &random), bytes)
        }
        let body = Body(place: place, memoryBytes: Int.random(in: 0...99, using: &random))
        bodies.append(body)
        return body
    }

    mutating func release(using random: inout SeededGenerator) -> Body? {
        let waiting = bodies.indices.filter { !bodies[$0].isReleased }
        guard let index = waiting.randomElement(using: &random) else { return nil }
        bodies[index].isReleased = true
        if let name = bodies[index].segment, !isNeeded(name) { idleEnds[name] = end(of: name) }
        return bodies[index]
    }

    mutating func endWorker(using random: inout SeededGenerator) -> Int {
        let place = Int.random(in: 0..<3, using: &random)
        let worker = running[place]
        ended.insert(worker)
        running[place] = (running.max() ?? 0) + 1
        return worker
    }

    /// Returns the segments that may be removed now, except those that an earlier call returned.
    mutating func goesNow() -> Set<SegmentName> {
        let free = named.subtracting(gone).filter { name in
            let isPast = ended.contains(name.worker) || current[name.worker] != name
            return isPast && !isNeeded(name)
        }
        gone.formUnion(free)
        return free
    }
}
