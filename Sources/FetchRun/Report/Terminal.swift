// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// Functions that query the terminal behind a descriptor.
enum Terminal {
    /// Returns the number of columns; `nil` if there is no terminal or its width is unknown.
    static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        // `TIOCGWINSZ` fills in a `winsize` (ioctl_tty(2)).
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Returns true if the process may draw a line there: it is not a terminal, or this is the job in its
    /// foreground.
    ///
    /// A job in the background would draw over the output of others, and `stty tostop` stops the job for it.
    static func mayDraw(on descriptor: Int32) -> Bool {
        let foreground = tcgetpgrp(descriptor)
        return foreground < 0 || foreground == getpgrp()
    }
}
