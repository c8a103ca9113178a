// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Glibc
import Platform
import PoolWire
import ProcessPool

/// A thread that reads the inputs one after another, and adds their lines to the queue in batches.
///
/// The thread waits while the queue is full, so an endless input takes bounded memory.
final class InputThread: Sendable {
    private let queue: InputQueue
    private let urls: [String]
    private let sources: [Source]
    private let defaultScheme: TargetURL.Scheme?
    private let wake: WakePipe

    /// Creates a thread that reads `urls` first, then `sources`.
    ///
    /// URLs without a scheme get `defaultScheme`, unless it is `nil`.
    init(
        urls: [String],
        sources: [Source],
        defaultScheme: TargetURL.Scheme? = nil,
        into queue: InputQueue,
        wake: WakePipe
    ) {
        (self.urls, self.sources, self.queue, self.wake) = (urls, sources, queue, wake)
        self.defaultScheme = defaultScheme
    }

    /// Starts the thread, which ends after the last input.
    ///
    /// If the queue is closed earlier, the thread ends at its next batch.
    func start() {
        let thread = Thread { self.readAll() }
        thread.name = "input"
        thread.start()
    }

    private func readAll() {
        var ordinal = 0
        for url in urls {
            ordinal += 1
            var batch = InputBatch(bytes: url.systemBytes)
            batch.add(lineAt: 0..<batch.bytes.count, ordinal: ordinal, defaultScheme: defaultScheme)
            guard hand(batch) else { return }
        }
        for source in sources {
            guard read(source, &ordinal) else { return }
        }
        queue.close()
        wake.wake()
    }

    private func read(_ source: Source, _ ordinal: inout Int) -> Bool {
        var source = source
        if let failure = source.openLate() {
            var batch = InputBatch()
            batch.failure = failure
            return hand(batch)
        }
        defer { source.close() }
        var framer = LineFramer(maxLineBytes: WireLimits.maxInputLineBytes)
        while true {
            let reading = framer.fill(from: source.descriptor)
            var batch = takeLines(of: &framer, atEnd: reading != .some, &ordinal)
            if case .failed(let number) = reading {
                batch.failure = .io("cannot read \(source.name): \(systemError(number))")
            }
            guard hand(batch) else { return false }
            if reading != .some { return true }
        }
    }

    /// Returns a batch of all complete lines; at the end of the input, an incomplete last line counts as
    /// complete.
    private func takeLines(of framer: inout LineFramer, atEnd: Bool, _ ordinal: inout Int) -> InputBatch {
        var lines: [LineFramer.Line] = []
        while let line = framer.next() { lines.append(line) }
        if atEnd, let line = framer.finish() { lines.append(line) }
        var batch = InputBatch()
        guard let first = lines.first, let last = lines.last else { return batch }
        let start = first.range.lowerBound
        batch = InputBatch(bytes: Array(framer.bytes[start..<last.range.upperBound]))
        batch.reserve(lines.count)
        for line in lines {
            ordinal += 1
            switch line {
            case .whole(let range):
                let place = range.lowerBound - start..<range.upperBound - start
                batch.add(lineAt: place, ordinal: ordinal, defaultScheme: defaultScheme)
            case .tooLong: batch.add(InputLine.tooLong(ordinal: ordinal))
            }
        }
        return batch
    }

    private func hand(_ batch: InputBatch) -> Bool {
        guard !batch.isEmpty else { return true }
        guard queue.push(batch) else { return false }
        wake.wake()
        return true
    }
}

extension LineFramer.Line {
    /// The range of the bytes that were kept: the whole line, or the beginning of a line that is too long.
    fileprivate var range: Range<Int> {
        switch self {
        case .whole(let range), .tooLong(let range): range
        }
    }
}
