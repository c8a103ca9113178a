// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

/// The folder for the segments of a run: a real one, or a simulated one without files.
package protocol SpoolFolder: AnyObject {
    /// The path of the folder.
    var path: String { get }
    /// Removes the file of a segment.
    func remove(_ segment: SegmentName)
    /// Removes those segments of a worker for which `isKept` returns false, such as half-written segments.
    func removeSegments(of worker: Int, unless isKept: (SegmentName) -> Bool)
    /// Returns a part of a segment; `nil` if the part cannot be read completely.
    func read(_ segment: SegmentName, offset: Int, bytes: Int) -> [UInt8]?
    /// Removes the folder and its files.
    func removeAll()
    /// True while workers can create files in the folder.
    var isWritable: Bool { get }
}

extension SpoolFolder {
    package var isWritable: Bool { true }

    /// Returns the path of a segment's file.
    package func file(of segment: SegmentName) -> String { "\(path)/\(segment)" }
}
