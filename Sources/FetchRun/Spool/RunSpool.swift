// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The spool of one run: its folder, what waits in it, and how much may.
struct RunSpool {
    let directory: SpoolDirectory
    let limit: Int
    private(set) var ledger = SpoolLedger()

    init(in parent: String?, limit: Int?) throws(RunError) {
        directory = try SpoolDirectory(in: parent)
        self.limit = limit ?? directory.usualLimit()
    }

    /// Whether another fetch may be handed out.
    func hasRoom(inFlight: Int) -> Bool { ledger.hasRoom(inFlight: inFlight, limit: limit) }

    /// Notes a response that waits; `bytes` are those of it in memory.
    mutating func announce(_ place: BodyPlace, responseBytes bytes: Int) {
        for segment in ledger.announce(place, responseBytes: bytes) { directory.remove(segment) }
    }

    /// Notes that a response is needed no more.
    mutating func release(_ place: BodyPlace, responseBytes bytes: Int) {
        for segment in ledger.release(place, responseBytes: bytes) { directory.remove(segment) }
    }

    /// Notes that a fetch worker has ended; what it wrote without saying so goes.
    mutating func workerEnded(_ worker: Int) {
        for segment in ledger.workerEnded(worker) { directory.remove(segment) }
        let kept = ledger
        directory.removeSegments(of: worker) { kept.keeps($0) }
    }
}
