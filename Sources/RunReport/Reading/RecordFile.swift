// SPDX-License-Identifier: MIT
// fetchpool

import Decompression
import Glibc
import Platform
import PoolWire

/// A file of records; `-` is standard input.
///
/// Files in gzip or zstd format are decompressed; their first bytes show the format. A file that is not
/// regular, such as a pipe, can be read only once. Its decompressed bytes are therefore copied, if possible,
/// to a temporary file without a name.
final class RecordFile {
    /// The kind of a line of the file.
    enum Line: Equatable {
        case whole
        /// The last line, if it has no line feed.
        case unended
        /// A line longer than `maxRecordBytes`; the text of the line is then at most its first 200 bytes.
        case tooLong
    }

    let name: String
    /// The descriptor of the file; −1 while the file is not open.
    ///
    /// `closeFile` sets the value to −1 for standard input too, but does not close standard input.
    private var descriptor: Int32
    private let givesUp: () -> Bool
    private let status: stat
    /// The descriptor of the copy; −1 if there is no copy.
    private var copy: Int32 = -1
    /// True if the file can be read for a second time.
    private(set) var isRepeatable = true
    /// The position at which the first reading began.
    ///
    /// The position is not 0 if another program has already read the beginning of standard input.
    private var start: off_t = 0
    /// The number of bytes of the first reading, after decompression; `nil` before the end of this reading.
    private var size: Int?

    /// The length of the longest record that is read, in bytes.
    ///
    /// A record of fetchpool has a result of at most 16 MiB, and parts of an input line. An input line has at
    /// most 8 MiB.
    private static let maxRecordBytes = 64 << 20
    private static let readBytes = 1 << 20

    /// Opens a file.
    ///
    /// A regular file that is not standard input is then closed until it is read, so that there can be many
    /// files.
    ///
    /// `givesUp` is called after each part of the file that was read; if `givesUp` returns true, the reading
    /// throws `ReportError.givenUp`.
    ///
    /// - Throws: `ReportError.unreadable` for a folder, and if open(2) or fstat(2) fails.
    init(_ name: String, orUntil givesUp: @escaping () -> Bool) throws(ReportError) {
        (self.name, self.givesUp) = (name, givesUp)
        descriptor = try Self.open(name)
        guard let status = OpenFolder.status(of: descriptor) else {
            throw .unreadable(name, reason: lastSystemError())
        }
        self.status = status
        if status.isFolder { throw .unreadable(name, reason: "it is a folder; name the files in it") }
        if status.isRegularFile, name != "-" { closeFile() }
    }

    deinit {
        closeFile()
        if copy >= 0 { close(copy) }
    }

    private static func open(_ name: String) throws(ReportError) -> Int32 {
        if name == "-" { return 0 }
        let file = NamedDescriptor.open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else { throw .unreadable(name, reason: lastSystemError()) }
        return file
    }

    private func closeFile() {
        if descriptor > 0 { close(descriptor) }
        descriptor = -1
    }

    // MARK: Reading

    /// Reads all lines for the first time, and calls `body` with each line.
    ///
    /// - Throws: `ReportError` if the file cannot be read or was replaced, or if `givesUp` returned true; any
    ///   error of `body`.
    func read(_ body: (Line, Span<UInt8>) throws(ReportError) -> Void) throws(ReportError) {
        if descriptor < 0 {
            descriptor = try Self.open(name)
            guard OpenFolder.status(of: descriptor)?.isSame(as: status) == true else { throw .changed(name) }
        }
        if status.isRegularFile {
            start = max(lseek(descriptor, 0, SEEK_CUR), 0)
        } else {
            copy = Self.temporaryFile()
            isRepeatable = copy >= 0
        }
        size = try read(descriptor, upTo: .max, body)
        // A second reading opens the file again.
        if status.isRegularFile, name != "-" { closeFile() }
    }

    /// Reads the lines of the first reading again; bytes that were added to the file later are not read.
    ///
    /// Call this function only if `isRepeatable` is true.
    ///
    /// - Throws: `ReportError` if the file cannot be read, was replaced or has become shorter, or if
    ///   `givesUp` returned true; any error of `body`.
    func readAgain(_ body: (Line, Span<UInt8>) throws(ReportError) -> Void) throws(ReportError) {
        if descriptor < 0 { descriptor = try Self.open(name) }
        let source = copy >= 0 ? copy : descriptor
        guard let size, copy >= 0 || OpenFolder.status(of: source)?.isSame(as: status) == true,
            lseek(source, start, SEEK_SET) == start, try read(source, upTo: size, body) == size
        else { throw .changed(name) }
        closeFile()
    }

    /// Reads up to `limit` decompressed bytes from a descriptor, and calls `body` with each line.
    ///
    /// Returns the number of decompressed bytes.
    private func read(
        _ source: Int32,
        upTo limit: Int,
        _ body: (Line, Span<UInt8>) throws(ReportError) -> Void
    ) throws(ReportError) -> Int {
        var framer = LineFramer(maxLineBytes: Self.maxRecordBytes)
        var reader = DecompressingReader(source, isPlain: source == copy)
        var (total, lines) = (0, 0)
        while total < limit {
            var fault: DecompressionFault?
            let count = unsafe framer.fill(room: Self.readBytes) { room in
                let part = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: room[..<min(room.count, limit - total)]
                )
                do throws(DecompressionFault) {
                    let count = try unsafe reader.read(into: part)
                    if copy >= 0, source != copy {
                        unsafe keep(UnsafeRawBufferPointer(rebasing: part[..<count]))
                    }
                    return count
                } catch {
                    fault = error
                    return 0
                }
            }
            if let fault { throw unreadable(fault, after: lines) }
            if count == 0 { break }
            if givesUp() { throw .givenUp }
            total += count
            while let line = framer.next() {
                lines += 1
                switch line {
                case .whole(let range): try body(.whole, framer.bytes.span.extracting(range))
                case .tooLong(let range): try body(.tooLong, framer.bytes.span.extracting(range))
                }
            }
        }
        switch framer.finish() {
        case .whole(let range): try body(.unended, framer.bytes.span.extracting(range))
        case .tooLong(let range): try body(.tooLong, framer.bytes.span.extracting(range))
        case nil: break
        }
        return total
    }

    private func unreadable(_ fault: DecompressionFault, after lines: Int) -> ReportError {
        guard lines > 0 else { return .unreadable(name, reason: fault.reason) }
        let before = "\(Shown.count(lines, "line")) \(lines == 1 ? "was" : "were") read before"
        return .unreadable(name, reason: "\(fault.reason); \(before)")
    }

    // MARK: The copy

    private func keep(_ bytes: UnsafeRawBufferPointer) {
        let isKept = unsafe writeAll(bytes.bindMemory(to: UInt8.self).span, to: copy)
        guard !isKept else { return }
        // The disk may be full. Reading goes on, because the copy is needed only if two records have the same
        // id.
        close(copy)
        (copy, isRepeatable) = (-1, false)
    }

    /// Returns the descriptor of a new file without a name; −1 if no folder allows such a file.
    private static func temporaryFile() -> Int32 {
        // /tmp comes last, because it is often in memory.
        for folder in [SystemPath.variable("TMPDIR"), "/var/tmp", "/tmp"] {
            guard let folder, !folder.isEmpty else { continue }
            let path = folder + "/fetchpool-report-" + String(UInt64.random(in: .min ... .max), radix: 16)
            let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
            let file = unsafe Glibc.open(path.systemPath, flags, 0o600)
            guard file >= 0 else { continue }
            unsafe _ = unlink(path.systemPath)
            return file
        }
        return -1
    }
}
