// SPDX-License-Identifier: MIT
// fetchpool

/// The lines about the workers of a run.
struct WorkerTable {
    let workers: [WorkerStatus]

    /// The shortest time of a task that counts as long, in nanoseconds.
    private static let longTime = 5_000_000_000

    init(_ workers: [WorkerStatus]) {
        self.workers = workers
    }

    /// A line for each worker, for a log.
    var lines: [String] { workers.map { line($0, Widths()).text } }

    /// Returns at most `most` lines for a terminal of `columns` columns.
    func lines(_ most: Int, columns: Int, style: TerminalStyle) -> [ScreenLine] {
        guard most > 0 else { return [] }
        let room = max(columns - 1, 0)
        let shown = workers.count <= most ? workers : selection(of: most - 1)
        let widths = Widths(shown)
        var lines = shown.map { line($0, widths).line(columns: room, style: style) }
        if shown.count < workers.count {
            lines.append(rest(after: shown).line(columns: room, style: style))
        }
        return lines
    }

    /// Returns `count` workers in the order of the table.
    ///
    /// Workers with a long task are chosen first, and then the first other workers.
    private func selection(of count: Int) -> [WorkerStatus] {
        let long = workers.indices.filter { workers[$0].taskTime >= Self.longTime }
        let others = workers.indices.filter { workers[$0].taskTime < Self.longTime }
        return (long + others).prefix(count).sorted().map { workers[$0] }
    }

    private func rest(after shown: [WorkerStatus]) -> FittingLine {
        func sum(_ number: (WorkerStatus) -> Int) -> Int {
            workers.reduce(0) { $0 + number($1) } - shown.reduce(0) { $0 + number($1) }
        }
        let restarts = sum(\.restarts)
        var line = FittingLine()
        line.add("and \(workers.count - shown.count) more workers", rank: 9)
        line.add("\(sum(\.inFlight)) in flight", "", rank: 3)
        line.add("\(sum(\.done)) done", "", rank: 2)
        line.add(restarts > 0 ? Self.words(restarts: restarts) : "", "", rank: 1)
        return line
    }

    private func line(_ worker: WorkerStatus, _ widths: Widths) -> FittingLine {
        var line = FittingLine()
        let name = "\(worker.role) \(worker.number)"
        line.add(name.padded(to: widths.name), name, rank: 9)
        line.add("pid " + "\(worker.pid)".padded(to: widths.pid), "", rank: 2)
        guard worker.isReady else {
            line.add("starting", rank: 8)
            return line
        }
        line.add("\(worker.inFlight)".aligned(to: widths.inFlight) + " in flight", "", rank: 7)
        line.add("\(worker.done)".aligned(to: widths.done) + " done", "", rank: 5)
        if worker.restarts > 0 { line.add(Self.words(restarts: worker.restarts), "", rank: 3) }
        if let memoryKB = worker.memoryKB { line.add(RunSummary.size(memoryKB << 10), "", rank: 2) }
        if let task = worker.task {
            let seconds = worker.taskTime / 1_000_000_000
            line.add(seconds > 0 ? "\(seconds) s" : "", rank: 8)
            // The URL has the lowest rank, so it is shortened before other parts are left out.
            let shorter = [56, 48, 40, 32, 24].filter { $0 < task.cells }.map {
                "\(task.prefix(columns: $0))…"
            }
            line.parts.append(FittingLine.Part(versions: [task] + shorter, rank: 1))
        }
        return line
    }

    private static func words(restarts: Int) -> String {
        "\(restarts) \(restarts == 1 ? "restart" : "restarts")"
    }

    /// The widths of columns, in characters.
    private struct Widths {
        var (name, pid, inFlight, done) = (0, 0, 0, 0)

        init(_ workers: [WorkerStatus] = []) {
            for worker in workers {
                name = max(name, "\(worker.role) \(worker.number)".count)
                pid = max(pid, "\(worker.pid)".count)
                inFlight = max(inFlight, "\(worker.inFlight)".count)
                done = max(done, "\(worker.done)".count)
            }
        }
    }
}

extension String {
    /// Returns the text with blanks after it, at least `width` characters long.
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(width - count, 0))
    }

    /// Returns the text with blanks before it, at least `width` characters long.
    fileprivate func aligned(to width: Int) -> String {
        String(repeating: " ", count: max(width - count, 0)) + self
    }
}
