// SPDX-License-Identifier: MIT
// fetchpool

/// Sentences about tables that are probably not in the form that `TableReader` expects.
enum TableAdvice {
    private static let quotesInTSV =
        "which have no meaning in TSV; save the table without them, or as CSV"

    /// Returns the sentence about a header line in UTF-16 or with a zero byte; `nil` for any other line.
    static func onZeros(in line: Span<UInt8>) -> String? {
        if UTF16Line(of: line) == .text { return UTF16Line.advice }
        guard let zero = line.indices.first(where: { line[$0] == 0 }) else { return nil }
        // In a UTF-16 header that is too short for `UTF16Line`, one of the first two bytes is zero.
        return zero < 2 ? UTF16Line.advice : InputLine.zeroAdvice
    }

    /// Returns the sentence about a header that lacks a column, if the names show the reason; `nil` if they
    /// do not.
    static func onHeader(_ names: [String], of form: TableReader.Form) -> String? {
        if names[0].lowercased().hasPrefix("sep="), names[0].utf8.count <= 5,
            names[1...].allSatisfy(\.isEmpty)
        {
            return "the first line tells Excel the separator; remove it, as with sed 1d"
        }
        if form == .csv, names.contains(where: { $0.contains("\t") }) {
            return "the columns seem to have tabs between them; give --input-format tsv"
        }
        if form == .tsv, names.contains(where: { $0.hasPrefix("\"") && $0.hasSuffix("\"") }) {
            return "the columns stand in quotes, \(quotesInTSV)"
        }
        guard names.count == 1 else { return nil }
        if form == .tsv, names[0].contains(",") {
            return "the columns seem to have commas between them; give --input-format csv"
        }
        return names[0].contains(";")
            ? "the columns seem to have semicolons between them; save the table with commas, or with tabs as TSV"
            : nil
    }

    /// Returns the sentence about a refused URL in a table; `nil` if the URL is valid.
    ///
    /// The result is also `nil` if the sentence for lists (`URLRefusal.description`) fits a table too.
    static func onURL(_ url: Span<UInt8>, of form: TableReader.Form) -> String? {
        do throws(URLRefusal) {
            _ = try TargetURL(reading: url)
            return nil
        } catch {
            let start = url.indices.first { url[$0] > 0x20 }
            let isQuoted = form == .tsv && start.map { url[$0] } == UInt8(ascii: "\"")
            switch error {
            case .noURL, .textInFront:
                return isQuoted ? "the URL stands in quotes, \(quotesInTSV)" : error.inTable
            default: return nil
            }
        }
    }
}
