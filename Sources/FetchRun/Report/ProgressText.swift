// SPDX-License-Identifier: MIT
// fetchpool

/// What a progress line says, from the most that there is to say down to the least.
struct ProgressText: Hashable, Sendable {
    /// The same in more and in fewer words; never empty, but the last may be.
    private let versions: [String]

    /// A line that always shows `core`, and the longest of `details` for which there is room.
    ///
    /// Details are given from the longest to the shortest.
    init(_ core: [String], details: [String] = []) {
        let start = core.joined(separator: Self.separator)
        versions = details.map { start + Self.separator + $0 } + [start]
    }

    /// No line.
    static let none = ProgressText([])

    private static let separator = " · "

    /// The whole line.
    var text: String { versions.first ?? "" }

    /// The line for a terminal of so many columns; `nil` for anything without columns.
    ///
    /// The last column stays free: what is written there makes some terminals begin a new row.
    func text(columns: Int?) -> String {
        guard let columns else { return text }
        let room = max(columns - 1, 0)
        if let fitting = versions.first(where: { $0.count <= room }) { return fitting }
        guard room > 0, let least = versions.last else { return "" }
        return least.prefix(room - 1) + "…"
    }
}
