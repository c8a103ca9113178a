// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A function that ends the program.
enum Ending {
    static func exit(_ status: Int32) -> Never { Glibc.exit(status) }
}
