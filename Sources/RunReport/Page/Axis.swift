// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The marks of an axis: positions from 0 to 1, with texts.
struct Axis {
    struct Mark: Hashable {
        var position: Double
        var text: String
    }

    let marks: [Mark]

    /// Returns marks at round numbers from 0 to `end`, the number at the end of the axis.
    ///
    /// `end` is at least `largest`, and at least 1.
    static func numbers(upTo largest: Int) -> (axis: Axis, end: Double) {
        var step = 1
        // Steps are 1, 2 or 5 times a power of ten.
        var factors = [2, 5, 10].makeIterator()
        var power = 1
        while largest > step * 4 {
            guard let factor = factors.next() else {
                power *= 10
                factors = [2, 5, 10].makeIterator()
                continue
            }
            step = factor * power
        }
        let count = max(1, (largest + step - 1) / step)
        let marks = (0...count).map {
            Mark(position: Double($0) / Double(count), text: compact($0 * step))
        }
        return (Axis(marks: marks), Double(count * step))
    }

    private static func compact(_ number: Int) -> String {
        if number >= 1_000_000, number % 100_000 == 0 {
            return number % 1_000_000 == 0
                ? "\(Shown.integer(number / 1_000_000))M" : Shown.decimal(Double(number) / 1e6, 1) + "M"
        }
        if number >= 10_000, number % 1_000 == 0 { return "\(number / 1_000)k" }
        return Shown.integer(number)
    }

    /// Returns marks at round times in the period from `start` to `end`.
    ///
    /// Both times are in milliseconds since 1970-01-01T00:00:00Z.
    ///
    /// In a period under 10 s, the marks are times since `start`.
    static func times(from start: Int, to end: Int) -> Axis {
        let length = max(end - start, 1)
        let (second, minute, hour, day) = (1_000, 60_000, 3_600_000, 86_400_000)
        let steps =
            [1, 2, 5, 10, 20, 50, 100, 200, 500] + [1, 2, 5, 10, 15, 30].map { $0 * second }
            + [1, 2, 5, 10, 15, 30].map { $0 * minute } + [1, 2, 3, 6, 12].map { $0 * hour }
            + [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 500_000].map {
                $0 * day
            }
        let step = steps.first { length / $0 <= 6 } ?? steps[steps.count - 1]
        var marks: [Mark] = []
        if length < 10 * second {
            for offset in stride(from: 0, through: length, by: step) {
                let text =
                    offset == 0 ? "0" : offset % second == 0 ? "+\(offset / second) s" : "+\(offset) ms"
                marks.append(Mark(position: Double(offset) / Double(length), text: text))
            }
            return Axis(marks: marks)
        }
        let form = Shown.Clock.telling(step: max(step, second), length: length)
        var time = (start >= 0 ? (start + step - 1) / step : start / step) * step
        while time <= end {
            let position = Double(time - start) / Double(length)
            marks.append(Mark(position: position, text: Shown.time(time, form)))
            time += step
        }
        return Axis(marks: marks)
    }

    /// Returns marks at round durations on a logarithmic axis.
    ///
    /// The axis begins at `first` milliseconds. From the beginning to the end of the axis, the duration
    /// doubles `octaves` times.
    static func durations(from first: Double, octaves: Double) -> Axis {
        let isShort = octaves < 6
        var marks: [Mark] = []
        var decade = 0.001
        while decade < first * exp2(octaves), marks.count < 40 {
            for factor in isShort ? [1.0, 2, 5] : [1.0] {
                let position = log2(decade * factor / first) / octaves
                if position >= 0, position <= 1 {
                    marks.append(Mark(position: position, text: text(decade * factor)))
                }
            }
            decade *= 10
        }
        return Axis(marks: marks)
    }

    private static func text(_ milliseconds: Double) -> String {
        if milliseconds >= 1_000 { return "\(Shown.integer(Int((milliseconds / 1_000).rounded()))) s" }
        if milliseconds < 0.9 { return "\(Shown.integer(Int((milliseconds * 1_000).rounded()))) µs" }
        return "\(Int(milliseconds.rounded())) ms"
    }
}
