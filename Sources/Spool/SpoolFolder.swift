// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

/// The folder for the segments of a run.
package protocol SpoolFolder: AnyObject {
    /// The path of the folder.
    var path: String { get }
    /// Removes the file of a segment.
    func remove(_ segment: SegmentName)
    /// Makes the file of a segment a spare, which a later segment of any worker can use.
    ///
    /// The file is removed if there are enough spares, if the file is larger than `mostBytes`, or if it
    /// cannot become a spare for another reason.
    ///
    /// - Returns: True if the file is a spare now.
    func makeSpare(of segment: SegmentName, upTo mostBytes: Int) -> Bool
    /// Removes the spares.
    func removeSpares()
    /// Removes a worker's segments, except those for which `isKept` returns true.
    func removeSegments(of worker: Int, unless isKept: (SegmentName) -> Bool)
    /// Returns `bytes` bytes of a segment from `offset` on; `nil` if they cannot be read completely.
    func read(_ segment: SegmentName, offset: Int, bytes: Int) -> [UInt8]?
    /// Removes the segments and spares, and also the folder unless it contains a file of another program.
    func removeAll()
    /// Returns true if a segment has no file, although no function of this object has removed it.
    func lacks(_ segment: SegmentName) -> Bool
    /// True while the folder is at its path and is writable.
    var isWritable: Bool { get }
}

extension SpoolFolder {
    package var isWritable: Bool { true }
    package func lacks(_ segment: SegmentName) -> Bool { false }

    /// Returns the path of a segment's file.
    package func file(of segment: SegmentName) -> String { "\(path)/\(segment)" }
}
