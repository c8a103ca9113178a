// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The end of the program.
enum Ending {
    static func exit(_ status: Int32) -> Never { Glibc.exit(status) }
}
