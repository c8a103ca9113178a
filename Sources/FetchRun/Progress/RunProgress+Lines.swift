// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

extension RunProgress {
    /// The least `idle` time, in nanoseconds, that is shown in place of the rates and the time left.
    private static let standstill = 5_000_000_000

    /// The whole progress in one line, for a log.
    var line: String {
        var line = FittingLine()
        addAmounts(to: &line)
        addDetails(to: &line)
        return line.text
    }

    /// Returns the lines for a terminal of `columns` columns: one with the amounts, and one with the details.
    ///
    /// If the share is known and there is space, the line with the amounts begins with a bar.
    func lines(columns: Int, style: TerminalStyle) -> [ScreenLine] {
        // The last column stays free, because a character in it makes some terminals begin a new row.
        let room = max(columns - 1, 0)
        var (amounts, details) = (FittingLine(), FittingLine())
        addAmounts(to: &amounts)
        addDetails(to: &details)
        return [barred(amounts, room, style), details.line(columns: room, style: style)]
    }

    private func barred(_ amounts: FittingLine, _ room: Int, _ style: TerminalStyle) -> ScreenLine {
        let columns = room >= 56 ? min(room / 4, 40) : room >= 36 ? 9 : 0
        guard let share, columns > 0 else { return amounts.line(columns: room, style: style) }
        let text = amounts.line(columns: room - columns - 1, style: style)
        return ScreenLine(style.bar(share, columns: columns) + [ScreenLine.Part(text: " ")] + text.parts)
    }

    private func addAmounts(to line: inout FittingLine) {
        switch extent {
        case .unknown: line.add("\(done) done", rank: 9)
        case .total(let total):
            line.add("\(done) of \(total)", rank: 9)
            if let share { line.add(Self.percent(share), "", rank: 2) }
        case .share(let share):
            line.add("\(done) done", rank: 9)
            line.add("\(Self.percent(share)) of the input", Self.percent(share), "", rank: 3)
        }
        if idle >= Self.standstill {
            line.add("nothing for \(idle / 1_000_000_000) s", "", rank: 5)
        } else {
            if let rate, done > 0 { line.add("\(RunSummary.short(rate))/s", "", rank: 3) }
            if let secondsLeft { line.add("\(TimeLeft.words(secondsLeft)) left", "", rank: 4) }
        }
    }

    private func addDetails(to line: inout FittingLine) {
        let good = done - failures
        if failures == 0 {
            line.add("no failures", "", rank: 3)
        } else {
            let failed = "\(failures) failed"
            line.add("\(good) ok", "", rank: 3, style: .good)
            if let leading {
                line.add("\(failed) (\(leading.name) \(leading.count))", failed, rank: 3, style: .bad)
            } else {
                line.add(failed, rank: 3, style: .bad)
            }
        }
        if let bytesPerSecond, bytes > 0, idle < Self.standstill {
            line.add("\(RunSummary.size(Int(min(bytesPerSecond, 1e18))))/s", "", rank: 1)
        }
        guard let limit else { return }
        let texts = limit.texts.map { "waiting for: \($0)" }
        line.parts.append(FittingLine.Part(versions: texts, rank: 2))
    }

    /// Returns a share as text, rounded down, so that only a share of 1 is `100%`.
    private static func percent(_ share: Double) -> String {
        share >= 1 ? "100%" : "\(Int(share * 100))%"
    }
}
