// SPDX-License-Identifier: MIT
// fetchpool

/// A host by its name, and its addresses once they are known.
struct NamedHost {
    let name: String
    /// The ports to which the addresses are given to libcurl.
    let ports: [UInt16]
    /// The addresses; nil as long as they are looked up.
    var known: NameCache.Known?
}
