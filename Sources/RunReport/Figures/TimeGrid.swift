// SPDX-License-Identifier: MIT
// fetchpool

/// A table of counts by time, in a limited number of columns of equal width.
///
/// The columns become wider as the period from the earliest to the latest time grows. Each width is a
/// multiple of the next smaller width, so columns are joined and never divided. Times may come in any order.
struct TimeGrid: Sendable {
    /// The largest number of columns.
    static let capacity = 240

    /// The widths of columns in milliseconds, in ascending order.
    static let widths: [Int] = {
        let (second, minute, hour, day) = (1_000, 60_000, 3_600_000, 86_400_000)
        let fractions = [1, 2, 10, 20, 100, 200]
        let seconds = [1, 2, 10, 20].map { $0 * second }
        let minutes = [1, 2, 10, 30].map { $0 * minute }
        let hours = [1, 2, 6, 12].map { $0 * hour }
        let days = [1, 2, 10, 20, 100, 200, 1_000, 2_000, 4_000, 8_000, 16_000].map { $0 * day }
        return fractions + seconds + minutes + hours + days
    }()

    /// The index of a row; a row has one count for each column.
    typealias Row = Int

    private var level = 0
    /// The number of columns of the current width between 1970-01-01T00:00:00Z and the first column; negative
    /// if the first column begins before this time.
    private var origin = 0
    private var used: ClosedRange<Int>?
    private var rows: [[Int]] = []

    /// The width of a column, in milliseconds.
    var width: Int { Self.widths[level] }
    /// The columns from the earliest to the latest time given to `column(at:)`; empty before its first call.
    var columns: Range<Int> { used.map { $0.lowerBound..<$0.upperBound + 1 } ?? 0..<0 }

    /// Adds a row, and returns its index.
    mutating func addRow() -> Row {
        rows.append([Int](repeating: 0, count: Self.capacity))
        return rows.count - 1
    }

    /// Returns the column that contains `time`, which is in milliseconds since 1970-01-01T00:00:00Z.
    ///
    /// The call can rearrange all rows; column numbers from earlier calls are then out of date.
    mutating func column(at time: Int) -> Int {
        let column = Self.floor(time, by: width) - origin
        guard let used else {
            origin += column
            self.used = 0...0
            return 0
        }
        if used.contains(column) { return column }
        if column > used.upperBound, column < Self.capacity {
            self.used = used.lowerBound...column
            return column
        }
        if column < used.lowerBound, column >= 0 {
            self.used = column...used.upperBound
            return column
        }
        rearrange(used, including: time)
        return self.column(at: time)
    }

    /// The count of a row in a column.
    subscript(row: Row, column: Int) -> Int {
        get { rows[row][column] }
        set { rows[row][column] = newValue }
    }

    /// Returns the counts of a row in `columns`.
    func counts(_ row: Row) -> ArraySlice<Int> { rows[row][columns] }

    /// Returns the time at which a column begins, in milliseconds since 1970-01-01T00:00:00Z.
    func start(of column: Int) -> Int { (origin + column) * width }

    /// Moves the columns, and joins some if necessary, so that `time` has a column.
    private mutating func rearrange(_ used: ClosedRange<Int>, including time: Int) {
        let (first, last) = (start(of: used.lowerBound), start(of: used.upperBound))
        var new = level
        while new < Self.widths.count - 1, Self.span(first, last, time, Self.widths[new]) > Self.capacity {
            new += 1
        }
        let newWidth = Self.widths[new]
        let lowest = Self.floor(min(first, time), by: newWidth)
        let needed = Self.span(first, last, time, newWidth)
        // If `time` is the earliest time, half of the free columns stay before it, for still earlier times.
        let newOrigin = time < first ? lowest - max(0, Self.capacity - needed) / 2 : lowest
        let target = (used.lowerBound...used.upperBound).map { column in
            min(max(Self.floor(start(of: column), by: newWidth) - newOrigin, 0), Self.capacity - 1)
        }
        for row in rows.indices {
            var joined = [Int](repeating: 0, count: Self.capacity)
            for (column, place) in zip(used, target) { joined[place] += rows[row][column] }
            rows[row] = joined
        }
        (level, origin) = (new, newOrigin)
        self.used = (target.first ?? 0)...(target.last ?? 0)
    }

    private static func span(_ first: Int, _ last: Int, _ time: Int, _ width: Int) -> Int {
        floor(max(last, time), by: width) - floor(min(first, time), by: width) + 1
    }

    private static func floor(_ number: Int, by divisor: Int) -> Int {
        number >= 0 ? number / divisor : (number + 1) / divisor - 1
    }
}
