// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Synchronization

/// A value that makes a worker fail when the worker decodes it, calls `Functions.faulty` with it, or encodes
/// it.
package struct Fault: Codable, Hashable, Sendable {
    /// The ways to fail: an error, the exit status 7, or SIGSEGV.
    package enum Way: String, Codable, Sendable, CaseIterable { case error, exit, segv }
    /// The points at which a worker fails.
    package enum Point: String, Codable, Sendable, CaseIterable { case decode, run, encode }

    /// The error that is thrown for the way `error`.
    package struct Wanted: Error, CustomStringConvertible {
        package let description = "as told"
    }

    private let way: Way
    private let point: Point

    private static let isWorker = Atomic<Bool>(false)

    /// True if faults happen in this process, as in the workers of the tests.
    package static var mayHappen: Bool {
        get { isWorker.load(ordering: .relaxed) }
        set { isWorker.store(newValue, ordering: .relaxed) }
    }

    private enum Key: CodingKey { case way, point }

    package init(_ way: Way, at point: Point) { (self.way, self.point) = (way, point) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        way = try container.decode(Way.self, forKey: .way)
        point = try container.decode(Point.self, forKey: .point)
        try happen(at: .decode)
    }

    package func encode(to encoder: any Encoder) throws {
        try happen(at: .encode)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(way, forKey: .way)
        try container.encode(point, forKey: .point)
    }

    func happen(at point: Point) throws {
        guard Self.mayHappen, point == self.point else { return }
        switch way {
        case .error: throw Wanted()
        case .exit: exit(7)
        case .segv: unsafe UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1
        }
    }
}
