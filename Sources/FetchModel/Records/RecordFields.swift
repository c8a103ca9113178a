// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A choice of the members of a record.
///
/// Every choice has `v`, `id`, `url` and `outcome`, because programs that read records need them. Every
/// choice also has `method`: in a record used as input, only this member shows that the request was more than
/// a plain GET.
package struct RecordFields: Hashable, Sendable {
    /// The names of all members of a record, in the order of a record.
    package static let names = [
        "v", "id", "url", "method", "outcome", "status", "final_url", "redirects", "redirect_chain",
        "http_version",
        "remote_ip", "content_type", "headers", "bytes", "timing", "insecure", "fetched_at", "attempt",
        "worker",
        "processor", "signal", "exit_code", "stderr_tail", "peak_rss_kb", "body_path", "result", "attempts",
        "error", "meta",
    ]
    /// The names of the members that every choice has.
    package static let kept = ["v", "id", "url", "method", "outcome"]

    private let chosen: Set<[UInt8]>

    /// Creates a choice of `names`, and of the members that every choice has.
    package init(_ names: [String]) {
        chosen = Set((names + Self.kept).map { Array($0.utf8) })
    }

    /// Returns true if the choice has the member `name`.
    package func contains(_ name: String) -> Bool { chosen.contains(Array(name.utf8)) }

    /// Returns a copy of a record with the chosen members only.
    ///
    /// `record` and the result are lines that end with a line feed. A line that does not begin a JSON object
    /// is returned unchanged.
    package func chosen(from record: [UInt8]) -> [UInt8] {
        let line = record.span
        var copy: [UInt8] = []
        copy.reserveCapacity(record.count)
        var scanner = JSONScanner()
        guard (try? scanner.enterObject(in: line)) != nil else { return record }
        while let member = try? scanner.nextMember(in: line) {
            guard let name = line.text(of: member.name), chosen.contains(name) else { continue }
            copy.append(copy.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            copy += record[member.name.range.lowerBound..<member.value.range.upperBound]
        }
        copy += [UInt8(ascii: "}"), 0x0A]
        return copy
    }
}
