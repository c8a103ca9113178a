// SPDX-License-Identifier: MIT
// fetchpool

/// The progress display on a terminal: the progress of the run and, with `--verbose`, a line for each worker.
struct ProgressDisplay: Hashable, Sendable {
    var progress = RunProgress()
    var workers: [WorkerStatus] = []

    /// Returns the lines for a terminal of this size, each shorter than a row.
    ///
    /// If the terminal has more than one row, one row stays free.
    func lines(on size: TerminalSize, style: TerminalStyle) -> [ScreenLine] {
        let most = max(size.rows - 1, 1)
        let head = progress.lines(columns: size.columns, style: style)
        guard most > head.count else { return Array(head.prefix(most)) }
        return head + WorkerTable(workers).lines(most - head.count, columns: size.columns, style: style)
    }
}
