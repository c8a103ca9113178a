// SPDX-License-Identifier: MIT
// fetchpool

/// The check of `--quick` that compares the instructions per task with the committed baseline.
struct InstructionCheck {
    let count: InstructionCount
    let file: String

    /// Counts the instructions on the code paths of the baseline; returns a table, and true if no code path
    /// costs too much.
    ///
    /// - Throws: `BenchError` if there is no valid baseline, if the instructions cannot be counted, or if
    ///   this program was interrupted.
    func run() throws -> (text: String, isGood: Bool) {
        let baseline = try InstructionBaseline(file: file)
        var (rows, isGood) = ([["  path", "instructions", "baseline", ""]], true)
        for path in baseline.instructions.keys.sorted() {
            let instructions = try count.perTask(path)
            let judgement = baseline.judge(path, instructions)
            let expected = baseline.instructions[path].map(Figure.short) ?? "-"
            rows.append(["  " + path, Figure.short(instructions), expected, judgement.text])
            isGood = isGood && judgement != .tooMany
        }
        return (Self.title + TextReport.aligned(rows, left: [0, 3]).joined(separator: "\n"), isGood)
    }

    /// Counts the instructions on all known code paths, writes the numbers to the file, and returns a table.
    ///
    /// The file has no number for a code path whose count failed.
    ///
    /// - Throws: `BenchError` if all counts failed or this program was interrupted; an error of Foundation if
    ///   the file cannot be written.
    func renew() throws -> String {
        var measured: [String: Double] = [:]
        var rows: [[String]] = []
        for path in InstructionCount.paths {
            do {
                let instructions = try count.perTask(path)
                measured[path] = instructions
                rows.append(["  " + path, Figure.short(instructions)])
            } catch {
                if Interruption.isAsked { throw error }
                rows.append(["  " + path, "\(error)"])
            }
        }
        guard !measured.isEmpty else { throw BenchError("nothing could be counted; is valgrind installed?") }
        try InstructionBaseline(measured).write(to: file)
        let table = TextReport.aligned(rows, left: [0, 1]).joined(separator: "\n")
        return Self.title + table + "\nwritten to \(file)"
    }

    private static let title = "instructions of a task, by callgrind\n"
}
