// SPDX-License-Identifier: MIT
// fetchpool

/// The part of `--quick` that can fail: instructions of a task against the committed baseline.
struct InstructionCheck {
    let count: InstructionCount
    let file: String

    /// Measures the paths of the baseline and returns a table, and whether none costs too much.
    ///
    /// - Throws: `BenchError` if there is no baseline, or one of its paths cannot be counted.
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

    /// Measures all paths that there are and writes them to the file.
    ///
    /// - Throws: `BenchError` if none can be counted, or the file cannot be written.
    func renew() throws -> String {
        var measured: [String: Double] = [:]
        var rows: [[String]] = []
        for path in InstructionCount.paths {
            do {
                let instructions = try count.perTask(path)
                measured[path] = instructions
                rows.append(["  " + path, Figure.short(instructions)])
            } catch {
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
