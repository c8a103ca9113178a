// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import Synchronization

/// A meter of the bytes that were read from the input files.
///
/// Only the input thread changes the meter. The size is not known if any input is not a regular file.
final class InputMeter: Sendable {
    /// The number of bytes of all inputs after their initial positions; `nil` if it is not known.
    private let size: Int?
    /// The number of bytes that were read from the inputs before the current one.
    private let earlier = Atomic(0)
    /// The position at which the reading of the current input began.
    private let start = Atomic(0)

    /// Creates a meter for open descriptors.
    init(_ descriptors: [Int32]) {
        var sum = 0
        for descriptor in descriptors {
            guard let status = OpenFolder.status(of: descriptor), status.isRegularFile else {
                size = nil
                return
            }
            sum += max(Int(status.st_size) - Self.position(of: descriptor), 0)
        }
        size = sum
    }

    /// Notes that the reading of an input begins at the current position of its descriptor.
    func begin(_ descriptor: Int32) {
        guard size != nil else { return }
        start.store(Self.position(of: descriptor), ordering: .relaxed)
    }

    /// Returns the number of bytes that were read from all inputs so far; 0 if the size is not known.
    ///
    /// `descriptor` is the descriptor of the current input.
    func position(in descriptor: Int32) -> Int {
        guard size != nil else { return 0 }
        let current = Self.position(of: descriptor) - start.load(ordering: .relaxed)
        return earlier.load(ordering: .relaxed) + max(current, 0)
    }

    /// Notes that the reading of the current input ends at the current position of its descriptor.
    func end(_ descriptor: Int32) {
        earlier.store(position(in: descriptor), ordering: .relaxed)
    }

    /// Returns the fraction of the input bytes before a position, from 0 to 1; `nil` if the size is 0 or not
    /// known.
    func share(at position: Int) -> Double? {
        guard let size, size > 0 else { return nil }
        return min(Double(position) / Double(size), 1)
    }

    private static func position(of descriptor: Int32) -> Int { max(Int(lseek(descriptor, 0, SEEK_CUR)), 0) }
}
