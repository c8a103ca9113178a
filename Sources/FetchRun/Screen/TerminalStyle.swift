// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// The appearance of the progress display on a terminal.
struct TerminalStyle: Hashable, Sendable {
    var hasColors = true
    /// True if the terminal shows characters other than ASCII.
    var hasUnicode = true

    /// The end of a line that was cut.
    var ellipsis: String { hasUnicode ? "…" : "..." }
    var separator: String { hasUnicode ? " · " : " | " }

    /// Returns the style that environment variables describe; `nil` if `TERM` is missing, empty, `dumb` or
    /// `unknown`.
    ///
    /// `NO_COLOR` turns off colours if it is not empty (no-color.org). The encoding comes from the first of
    /// `LC_ALL`, `LC_CTYPE` and `LANG` that is not empty.
    static func named(by variables: [String: String]) -> TerminalStyle? {
        let name = variables["TERM"] ?? ""
        guard !name.isEmpty, name != "dumb", name != "unknown" else { return nil }
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { variables[$0] }.first { !$0.isEmpty }
        let encoding = (locale ?? "").lowercased()
        return TerminalStyle(
            hasColors: (variables["NO_COLOR"] ?? "").isEmpty,
            hasUnicode: encoding.contains("utf-8") || encoding.contains("utf8")
        )
    }

    /// Returns a bar of `columns` columns, which must be at least 2; `share`, from 0 to 1, is the filled part
    /// of the bar.
    func bar(_ share: Double, columns: Int) -> [ScreenLine.Part] {
        let places = hasUnicode ? columns : max(columns - 2, 0)
        let filled = Int((min(max(share, 0), 1) * Double(places)).rounded(.down))
        guard hasUnicode else {
            return [
                ScreenLine.Part(text: "["),
                ScreenLine.Part(
                    text: String(repeating: "#", count: filled)
                        + String(repeating: "-", count: places - filled)
                ),
                ScreenLine.Part(text: "]"),
            ]
        }
        return [
            ScreenLine.Part(text: String(repeating: "━", count: filled), style: .good),
            ScreenLine.Part(text: String(repeating: "─", count: columns - filled), style: .dim),
        ]
    }
}
