// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

/// Functions that query the terminal behind a descriptor.
enum Terminal {
    /// Returns the size of the terminal's window; the usual size if the terminal does not report its size.
    static func size(of descriptor: Int32) -> TerminalSize {
        var size = winsize()
        // `TIOCGWINSZ` fills in a `winsize` (ioctl_tty(2)).
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return .usual
        }
        return TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    /// Returns false if the process belongs to a background job of the terminal.
    ///
    /// A background job would draw over the output of other jobs.
    static func mayDraw(on descriptor: Int32) -> Bool {
        let foreground = tcgetpgrp(descriptor)
        return foreground < 0 || foreground == getpgrp()
    }

    /// Returns true if both descriptors are open on the same terminal device.
    ///
    /// `/dev/tty` leads to the controlling terminal of the process, but `fstat` reports another device number
    /// for `/dev/tty` than for the terminal. So the kernel is first asked for the terminal's number.
    static func isSame(_ first: Int32, _ second: Int32) -> Bool {
        guard isatty(first) == 1, isatty(second) == 1 else { return false }
        if let left = device(of: first), let right = device(of: second) { return left == right }
        var (left, right) = (stat(), stat())
        guard unsafe fstat(first, &left) == 0, unsafe fstat(second, &right) == 0 else { return false }
        return left.st_rdev == right.st_rdev
    }

    /// The value of `TIOCGDEV` in asm-generic/ioctls.h, a macro that Swift cannot import.
    private static let deviceRequest: UInt = 0x8004_5432

    /// Returns the number of the terminal device; `nil` if the kernel does not report this number (`TIOCGDEV`
    /// of ioctl_tty(2)).
    private static func device(of descriptor: Int32) -> UInt32? {
        var device: UInt32 = 0
        return unsafe ioctl(descriptor, deviceRequest, &device) == 0 ? device : nil
    }
}
