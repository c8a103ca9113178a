// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A pipe by which one thread wakes another that polls.
struct WakingPipe: Sendable {
    /// What to poll for reading.
    let reader: Int32
    private let writer: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { Program.leave("no pipe could be made", status: 1) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (reader, writer) = (ends[0], ends[1])
    }

    /// Makes the reader readable; one that is already full needs no more.
    func wake() {
        var byte: UInt8 = 1
        unsafe _ = Glibc.write(writer, &byte, 1)
    }

    /// Takes out what woke the reader.
    func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while unsafe Glibc.read(reader, &bytes, bytes.count) > 0 {}
    }

    /// Waits until somebody has called `wake`.
    func wait() {
        var entry = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
        unsafe _ = poll(&entry, 1, -1)
        clear()
    }
}
