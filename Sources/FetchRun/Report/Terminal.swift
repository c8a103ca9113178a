// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// Functions that query the terminal behind a descriptor.
enum Terminal {
    /// Returns the number of columns of the terminal; `nil` if the descriptor is no terminal or the width is
    /// unknown.
    static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        // `TIOCGWINSZ` fills in a `winsize` (ioctl_tty(2)).
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Returns true if the process may draw a line: the descriptor is not the controlling terminal, or the
    /// process belongs to the foreground job.
    ///
    /// A background job would draw over the output of other jobs. After `stty tostop`, the terminal even
    /// stops a background job that writes.
    static func mayDraw(on descriptor: Int32) -> Bool {
        let foreground = tcgetpgrp(descriptor)
        return foreground < 0 || foreground == getpgrp()
    }
}
