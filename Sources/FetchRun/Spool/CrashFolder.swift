// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Glibc
import PoolWire

/// The folder where bodies are kept that a worker died of: one file each, mode 0600, named by line number and attempt,
/// never by id or URL.
struct CrashFolder {
    /// Its path, absolute.
    let path: String

    /// Makes the folder where it is missing.
    ///
    /// - Throws: `RunError.io` naming `--crash-dir` if nothing can be written there.
    init(_ name: String) throws(RunError) {
        path = URL(fileURLWithPath: name).standardizedFileURL.path
        if unsafe mkdir(path, 0o700) != 0, errno != EEXIST { throw Self.refusal(path) }
        if unsafe access(path, W_OK | X_OK) != 0 { throw Self.refusal(path) }
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .io("--crash-dir: '\(path)' is no folder")
        }
    }

    private static func refusal(_ path: String) -> RunError {
        .io("--crash-dir: cannot write in '\(path)': \(lastSystemError())")
    }

    /// Keeps a body.
    ///
    /// - Returns: The file's path; `nil` if it could not be written whole (`errno` says why), and then no file is there.
    func keep(_ body: [UInt8], line: Int, attempt: Int) -> String? {
        // A body that an earlier run kept is not written over.
        for copy in 0..<1_000 {
            let name = path + "/\(line)-\(attempt)" + (copy == 0 ? "" : ".\(copy)") + ".body"
            let file = unsafe open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            if file < 0, errno == EEXIST { continue }
            guard file >= 0 else { return nil }
            defer { close(file) }
            if Self.write(body, to: file) { return name }
            let reason = errno
            unsafe _ = unlink(name)
            errno = reason
            return nil
        }
        return nil
    }

    private static func write(_ body: [UInt8], to file: Int32) -> Bool {
        var written = 0
        while written < body.count {
            let count = unsafe body.withUnsafeBytes { bytes in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
                return unsafe Glibc.write(file, rest.baseAddress, rest.count)
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}

extension RunSpool {
    /// The body of a response that waits here; `nil` if it cannot be read.
    func body(of fetched: RunItem.Fetched) -> [UInt8]? {
        let bytes = fetched.line
        let line = bytes.span
        switch fetched.answer.body {
        case .inline:
            guard let range = fetched.answer.response else { return nil }
            do throws(JSONSyntaxError) {
                let response = try JSONScanner.document(in: line, range: range)
                return try line.member("body", of: response).flatMap { line.text(of: $0) }
            } catch {
                return nil
            }
        case .spooled(let segment, let offset, let bytes, _):
            return directory.read(segment, offset: offset, bytes: bytes)
        case nil: return nil
        }
    }
}

extension SpoolDirectory {
    func read(_ segment: SegmentName, offset: Int, bytes: Int) -> [UInt8]? {
        let descriptor = unsafe open(file(of: segment), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var body = [UInt8](repeating: 0, count: bytes)
        var got = 0
        while got < bytes {
            let count = unsafe body.withUnsafeMutableBytes { room in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[got...])
                return unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset + got))
            }
            if count > 0 {
                got += count
            } else if count == 0 || errno != EINTR {
                return nil
            }
        }
        return body
    }
}
