// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The terminal behind a descriptor, as it is at the moment of asking.
enum Terminal {
    /// How wide it is; `nil` where there is no terminal, or nobody knows.
    static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        // The request of this number fills in a `winsize` (ioctl_tty(2)).
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// True if a line may be drawn there: it is no terminal, or ours is the job in its foreground.
    ///
    /// A job in the background would draw over what others show, and is stopped for it under `stty tostop`.
    static func mayDraw(on descriptor: Int32) -> Bool {
        let foreground = tcgetpgrp(descriptor)
        return foreground < 0 || foreground == getpgrp()
    }
}
