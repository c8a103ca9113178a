// SPDX-License-Identifier: MIT
// fetchpool

/// The figures of a measurement other than rate, processor time and memory.
extension Measurement {
    /// Adds the rates of the first and the last tenth of the tasks, in tasks per second.
    ///
    /// `first` and `last` are the durations of these tenths, in seconds. Nothing is added for fewer than ten
    /// tasks, or if a duration is not above 0.
    mutating func addTenths(first: Double, last: Double) {
        let tenth = Double(items / 10)
        guard tenth > 0, first > 0, last > 0 else { return }
        add([.firstTenth: tenth / first, .lastTenth: tenth / last])
    }

    /// Adds the rates of the first and the last tenth of the tasks, from the times at which lines arrived.
    ///
    /// `begin` is the time at which the run began. Each of `arrivals` is a time with the number of lines that
    /// had arrived by then. All times are seconds of the monotonic clock. Nothing is added for fewer than ten
    /// tasks, if fewer than nine tenths of the lines arrived, or if a tenth took no time.
    mutating func addTenths(from begin: Double, _ arrivals: [(time: Double, lines: Int)]) {
        func time(_ lines: Int) -> Double? { arrivals.first { $0.lines >= lines }?.time }
        guard items >= 10, let first = time(items / 10), let nine = time(items - items / 10),
            let end = arrivals.last?.time
        else { return }
        addTenths(first: first - begin, last: end - nine)
    }

    /// Adds the number of TLS connections, and the number of TLS connections that resumed a session.
    mutating func addConnections(_ connections: (all: Int, resumed: Int)) {
        add([.connections: Double(connections.all), .resumed: Double(connections.resumed)])
    }

    /// Adds the megabytes of pages per second of processor time, unless the processor time is 0.
    ///
    /// `meanSize` is the mean size of a page in bytes.
    mutating func addMegabytes(meanSize: Double) {
        guard cpuSeconds > 0 else { return }
        add([.megabytes: Double(items) * meanSize / 1_000_000 / cpuSeconds])
    }

    /// Removes all figures except those in `names`.
    mutating func keepFigures(_ names: [FigureName]) {
        let kept = figures?.filter { figure in names.contains { $0.rawValue == figure.key } } ?? [:]
        figures = kept.isEmpty ? nil : kept
    }

    private mutating func add(_ more: [FigureName: Double]) {
        let named = more.map { ($0.key.rawValue, $0.value) }
        figures = (figures ?? [:]).merging(named) { $1 }
    }
}
