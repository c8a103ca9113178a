// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

// Bounds: pointers are those of local values, for the length of one call.

/// What the server does to its own process before it serves, and the descriptors that end it.
enum ProcessSetup {
    /// Opens 0, 1 and 2 on `/dev/null` where they are closed, so that no connection gets one of these numbers.
    static func fillStandardDescriptors() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 {
            _ = unsafe open("/dev/null", O_RDWR)
        }
    }

    /// Raises the limit of open descriptors as far as it goes: each connection takes one.
    static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// A descriptor that becomes readable when SIGTERM or SIGINT comes, which no longer end the process by themselves.
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

    /// Whether standard input is at its end; call it only when standard input is readable, else it waits.
    static func standardInputEnded() -> Bool {
        var scratch: [UInt8] = Array(repeating: 0, count: 4096)
        let count = unsafe read(0, &scratch, scratch.count)
        return count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)
    }

    /// Nanoseconds of the monotonic clock.
    static func now() -> UInt64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Whole seconds since 1970, as dates count them.
    static func secondsSince1970() -> Int { time(nil) }

    /// Writes all of `text` to descriptor 1 or 2 at once, without a buffer in between.
    static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { raw in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: raw[offset...])
                return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            guard count > 0 else { return }
            offset += count
        }
    }
}
