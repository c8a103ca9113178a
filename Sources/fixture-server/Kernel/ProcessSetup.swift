// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

// Bounds: pointers refer to local values and are valid during one call.

/// Sets up the server's process; also reads the clocks and writes messages.
enum ProcessSetup {
    /// Opens `/dev/null` for each of the descriptors 0, 1 and 2 that is closed, so that no connection gets
    /// one of these numbers.
    static func fillStandardDescriptors() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 {
            _ = unsafe open("/dev/null", O_RDWR)
        }
    }

    /// Raises the soft limit of open descriptors to the hard limit, since each connection needs a descriptor.
    static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Returns a descriptor that becomes readable on SIGTERM or SIGINT; these signals no longer end the
    /// process.
    static func stopSignals() throws(SystemFailure) -> Int32 {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGTERM)
        unsafe sigaddset(&set, SIGINT)
        unsafe sigprocmask(SIG_BLOCK, &set, nil)
        let descriptor = unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC))
        guard descriptor >= 0 else { throw SystemFailure("open a signalfd") }
        return descriptor
    }

    /// Reads and drops some bytes of standard input; returns true at the end of the input or after an error.
    ///
    /// EINTR and EAGAIN do not count as errors. The function may block until standard input is readable.
    static func standardInputEnded() -> Bool {
        var scratch: [UInt8] = Array(repeating: 0, count: 4096)
        let count = unsafe read(0, &scratch, scratch.count)
        return count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)
    }

    /// Returns the time of the monotonic clock, in nanoseconds.
    static func now() -> UInt64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Returns the whole seconds since 1970.
    static func secondsSince1970() -> Int { time(nil) }

    /// Writes all of `text` to descriptor 1 or 2, without a buffer.
    ///
    /// An error other than EINTR ends the writing.
    static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { raw in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: raw[offset...])
                return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            guard count > 0 || errno == EINTR else { return }
            offset += max(count, 0)
        }
    }
}
