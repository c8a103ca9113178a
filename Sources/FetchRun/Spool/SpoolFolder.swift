// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

/// The folder that holds the segments of a run: a real one, or, in a simulation, one that is only kept account of.
package protocol SpoolFolder: AnyObject {
    /// Its path.
    var path: String { get }
    /// Removes a segment's file.
    func remove(_ segment: SegmentName)
    /// Removes the segments that a worker left and that `isKept` does not keep: half-written ones.
    func removeSegments(of worker: Int, unless isKept: (SegmentName) -> Bool)
    /// Reads a part of a segment; `nil` if it is not there whole.
    func read(_ segment: SegmentName, offset: Int, bytes: Int) -> [UInt8]?
    /// Removes the folder and all that is in it.
    func removeAll()
    /// False once no worker can make a file in it.
    var isWritable: Bool { get }
}

extension SpoolFolder {
    package var isWritable: Bool { true }

    /// The file of a segment.
    func file(of segment: SegmentName) -> String { "\(path)/\(segment)" }
}
