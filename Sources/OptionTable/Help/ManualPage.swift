// SPDX-License-Identifier: MIT
// fetchpool

extension OptionTable {
    /// Returns a manual page for section 1 in the macros of man(7).
    ///
    /// `notes` are further sections, each a title and its paragraphs.
    package func manualPage(_ notes: [(title: String, paragraphs: [String])]) -> String {
        let name = program.uppercased()
        let operands = operandRow?.placeholder.map { " [\\fI\(Self.roff($0))\\fR ...]" } ?? ""
        var lines = [
            ".TH \(name) 1 \"\" \"\(Self.roff(program)) \(Self.roff(version))\"",
            ".SH NAME",
            "\(Self.roff(program)) \\- \(Self.roff(summary.split(separator: "\n").joined(separator: " ")))",
            ".SH SYNOPSIS", "\\fB\(Self.roff(program))\\fR [\\fIoptions\\fR]\(operands)",
            ".SH OPTIONS",
        ]
        for section in sections where !section.rows.isEmpty {
            if let title = section.title { lines.append(".SS \(Self.roff(title))") }
            for row in section.rows {
                let names = row.names.map { "\\fB\(Self.roff($0))\\fR" }.joined(separator: ", ")
                let value =
                    row.placeholder.map { (names.isEmpty ? "" : " ") + "\\fI\(Self.roff($0))\\fR" } ?? ""
                let ending = row.shownDefault.map { " (default: \($0))" } ?? ""
                lines += [".TP", names + value, Self.roff(row.help + ending)]
            }
        }
        for note in notes {
            lines.append(".SH \(Self.roff(note.title.uppercased()))")
            // The first paragraph follows its heading without a macro.
            lines.append(note.paragraphs.map(Self.roff).joined(separator: "\n.PP\n"))
        }
        return lines.joined(separator: "\n")
    }

    /// Returns a text with escapes for roff.
    ///
    /// The page shows hyphens, apostrophes and backslashes unchanged. A dot at the start of the text does not
    /// begin a request.
    private static func roff(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
            .replacing("'", with: "\\(aq")
        return escaped.hasPrefix(".") ? "\\&" + escaped : escaped
    }
}
