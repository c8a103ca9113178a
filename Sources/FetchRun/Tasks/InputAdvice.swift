// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import PoolWire

/// Advice for the user about an input that probably does not mean what the user expects.
///
/// Each kind of advice is given at most once in a run. The table `seen` has a fixed size, and a new id
/// replaces any other id in its place of the table. So some repeated ids are not noticed.
struct InputAdvice {
    /// The hashes of a task's id and URL, and the task's line.
    private struct Seen {
        var id: UInt64 = 0
        var url: UInt64 = 0
        /// The number of the line, from 1; 0 if no task has this place of the table.
        var line = 0
    }

    private static let places = 1 << 16
    /// True if the records hold ids as strings, so that `7` and `"7"` are the same id.
    let idsAreTexts: Bool
    private var seen: [Seen] = []
    private var hasNamedID = false
    private var hasNamedRecords = false
    private var hasNamedForm = false

    init(idsAreTexts: Bool) { self.idsAreTexts = idsAreTexts }

    /// Returns advice about the last task or invalid line of a batch; `nil` if there is no advice.
    mutating func sentence(onLastOf batch: InputBatch) -> String? {
        guard batch.messages[batch.messages.count - 1].kind == .task else {
            guard !hasNamedForm, let refused = batch.refused.last, refused.concernsWholeInput else {
                return nil
            }
            hasNamedForm = true
            return refused.error.message
        }
        guard !batch.messages[batch.messages.count - 1].isBare else { return nil }
        let (last, bytes) = (batch.messages[batch.messages.count - 1], batch.bytes)
        if !hasNamedRecords,
            let sentence = aboutRecord(bytes.span.extracting(batch.textOfLast), last.task.ordinal)
        {
            return sentence
        }
        guard !hasNamedID, !last.task.id.isEmpty else { return nil }
        let id = bytes.span.extracting(batch.placeInLast(last.task.id))
        return aboutID(id, url: bytes.span.extracting(batch.placeInLast(last.task.url)), last.task.ordinal)
    }

    private mutating func aboutRecord(_ object: Span<UInt8>, _ line: Int) -> String? {
        guard object.starts(with: RecordHead.opening, at: 0), RecordHead(reading: object) != nil else {
            return nil
        }
        hasNamedRecords = true
        return
            "line \(line) is a record of an earlier run, and is fetched like any other task; --input-format records takes only the last record of each task, and --only failed takes only the records of failed tasks"
    }

    private mutating func aboutID(_ id: Span<UInt8>, url: Span<UInt8>, _ line: Int) -> String? {
        if seen.isEmpty { seen = [Seen](repeating: Seen(), count: Self.places) }
        // The comparison is by key, as with `--resume`. If `idsAreTexts` is false, `-0` and `0` are the same
        // id.
        let hash = TaskKey(id, isText: idsAreTexts).spread
        let new = Seen(id: hash, url: TextHash.of(string: url), line: line)
        let place = Int(truncatingIfNeeded: hash) & (Self.places - 1)
        let old = seen[place]
        seen[place] = new
        guard old.line > 0, old.id == new.id, old.url != new.url else { return nil }
        hasNamedID = true
        let shown = String(decoding: id.array(0..<min(id.count, 100)), as: UTF8.self)
        return
            "lines \(old.line) and \(line) have the same id \(shown) and different URLs; give each task an id of its own, or a run with --resume will fail"
    }
}
