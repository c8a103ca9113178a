// SPDX-License-Identifier: MIT
// fetchpool

/// Generated pages, whose sizes are spread like those of real pages.
///
/// The pages are the same in each run.
enum WebPages {
    /// The number of pages.
    static let count = 100
    /// The approximate mean of `sizes`, in bytes.
    static let meanSize = 149_000

    /// Quantiles of the sizes of real pages: the share of smaller pages, and the size as a multiple of the
    /// mean.
    private static let quantiles = [
        (0.0, 0.04), (0.05, 0.11), (0.1, 0.21), (0.25, 0.39), (0.5, 0.68), (0.75, 1.2), (0.9, 1.98),
        (0.95, 2.8), (0.99, 5.5), (1, 8),
    ]

    /// The approximate sizes of the pages, in bytes; the order is random, but the same in each run.
    static let sizes: [Int] = {
        let sizes = (0..<count).map { multiple((Double($0) + 0.5) / Double(count)) }
        let scale = Double(meanSize * count) / sizes.reduce(0, +)
        var chance = CrawlList.Chance()
        return sizes.map { Int($0 * scale) }.shuffled(using: &chance)
    }()

    /// Returns the page with the number `number`, from 0 to `count - 1`.
    static func page(_ number: Int) -> [UInt8] { WebPageWriter.page(number, size: sizes[number]) }

    private static func multiple(_ part: Double) -> Double {
        for (low, high) in zip(quantiles, quantiles.dropFirst()) where part <= high.0 {
            return low.1 + (part - low.0) / (high.0 - low.0) * (high.1 - low.1)
        }
        return quantiles.last?.1 ?? 1
    }
}
