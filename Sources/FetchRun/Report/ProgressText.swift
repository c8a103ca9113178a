// SPDX-License-Identifier: MIT
// fetchpool

/// The text of a progress line in several versions, from the longest to the shortest.
struct ProgressText: Hashable, Sendable {
    /// The versions, longest first; never empty, but the last version may be an empty string.
    private let versions: [String]

    /// Creates a line that shows `core`, and the longest of `details` that fits.
    ///
    /// `details` are ordered from the longest to the shortest.
    init(_ core: [String], details: [String] = []) {
        let start = core.joined(separator: Self.separator)
        versions = details.map { start + Self.separator + $0 } + [start]
    }

    /// An empty text, which removes the line.
    static let none = ProgressText([])

    private static let separator = " · "

    /// The longest version.
    var text: String { versions.first ?? "" }

    /// Returns the longest version that fits in a terminal of `columns` columns, or the beginning of the
    /// shortest version if none fits.
    ///
    /// If `columns` is `nil`, because the output is no terminal, the longest version is returned.
    ///
    /// The last column stays free, because a character in it makes some terminals begin a new row.
    func text(columns: Int?) -> String {
        guard let columns else { return text }
        let room = max(columns - 1, 0)
        if let fitting = versions.first(where: { $0.count <= room }) { return fitting }
        guard room > 0, let least = versions.last else { return "" }
        return least.prefix(room - 1) + "…"
    }
}
