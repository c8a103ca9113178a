// SPDX-License-Identifier: MIT
// fetchpool

/// A line whose parts have shorter versions for narrow terminals.
struct FittingLine: Hashable, Sendable {
    /// A part of the line.
    struct Part: Hashable, Sendable {
        /// The versions, at least one, longest first.
        ///
        /// An empty version leaves the part out.
        var versions: [String]
        /// The rank of the part; parts with a lower rank are shortened first.
        var rank: Int
        var style = ScreenLine.Style.plain

        /// Returns the part as ASCII if `style` has no Unicode; otherwise returns the part unchanged.
        ///
        /// In ASCII, `style.ellipsis` replaces a `…` at the end of a version.
        fileprivate func shown(in style: TerminalStyle) -> Part {
            guard !style.hasUnicode else { return self }
            var part = self
            part.versions = versions.map {
                $0.last == "…" ? SafeText.ascii($0.dropLast()) + style.ellipsis : SafeText.ascii($0[...])
            }
            return part
        }
    }

    var parts: [Part] = []

    /// Adds a part with its versions, longest first.
    mutating func add(_ versions: String..., rank: Int, style: ScreenLine.Style = .plain) {
        parts.append(Part(versions: versions, rank: rank, style: style))
    }

    /// The line with the longest version of each part.
    var text: String { Self.joined(parts, by: TerminalStyle().separator).text }

    /// Returns the line, with its parts shortened by rank until it fits in `columns` columns.
    ///
    /// If not even the shortest versions fit, the line is cut.
    func line(columns: Int, style: TerminalStyle) -> ScreenLine {
        var parts = parts.map { $0.shown(in: style) }
        var line = Self.joined(parts, by: style.separator)
        let ranks = Set(parts.map(\.rank)).sorted()
        for rank in ranks {
            // Of parts with the same rank, the last is shortened first.
            for index in parts.indices.reversed() where parts[index].rank == rank {
                while line.cells > columns, parts[index].versions.count > 1 {
                    parts[index].versions.removeFirst()
                    line = Self.joined(parts, by: style.separator)
                }
            }
        }
        return line.cut(to: columns, ellipsis: style.ellipsis)
    }

    private static func joined(_ parts: [Part], by separator: String) -> ScreenLine {
        var pieces: [ScreenLine.Part] = []
        for part in parts {
            guard let text = part.versions.first, !text.isEmpty else { continue }
            if !pieces.isEmpty { pieces.append(ScreenLine.Part(text: separator, style: .dim)) }
            pieces.append(ScreenLine.Part(text: text, style: part.style))
        }
        return ScreenLine(pieces)
    }
}
