// SPDX-License-Identifier: MIT
// fetchpool

extension OptionTable {
    /// The text for `--help`, wrapped at 80 columns: the summary, the usage line, then the sections.
    package var helpText: String {
        let operands = operandRow?.placeholder.map { " [\($0) …]" } ?? ""
        var paragraphs = [
            summary.split(separator: "\n").flatMap { HelpLayout.wrap(String($0), indent: 0) }
                .joined(separator: "\n"),
            "usage: \(program) [options]\(operands)",
        ]
        let layout = HelpLayout(for: helpRows)
        var rest = helpRows[...]
        for section in sections where !section.rows.isEmpty {
            var lines = section.title.map { ["\($0):"] } ?? []
            for row in rest.prefix(section.rows.count) {
                lines += layout.lines(for: row)
            }
            rest = rest.dropFirst(section.rows.count)
            paragraphs.append(lines.joined(separator: "\n"))
        }
        return paragraphs.joined(separator: "\n\n")
    }
}
