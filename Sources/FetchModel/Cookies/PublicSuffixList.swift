// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The list of public suffixes in libpsl.
///
/// If a fetch worker's libcurl was built with libpsl, libpsl is loaded together with libcurl. In all other
/// processes, libpsl is loaded at the first use.
///
/// Bounds of the unsafe code: the functions have the types of libpsl.h, the list and the library are never
/// freed, and names end with NUL.
package enum PublicSuffixList {
    private typealias Load = @convention(c) (UnsafePointer<CChar>?) -> OpaquePointer?
    private typealias Find = @convention(c) (OpaquePointer?, UnsafePointer<CChar>) -> Int32

    @safe
    private struct Functions: @unchecked Sendable {
        // `@unchecked Sendable`: reading does not change the list (libpsl's documentation).
        let list: OpaquePointer
        let find: Find
    }

    private static let functions: Functions? = {
        let isLoaded = unsafe dlsym(nil, "psl_latest") != nil
        let library = unsafe isLoaded ? nil : dlopen("libpsl.so.5", RTLD_NOW)
        guard let load = unsafe dlsym(library, "psl_latest"),
            let find = unsafe dlsym(library, "psl_is_public_suffix"),
            let list = unsafe unsafeBitCast(load, to: Load.self)(nil)
        else { return nil }
        return unsafe Functions(list: list, find: unsafeBitCast(find, to: Find.self))
    }()

    /// The list in libpsl; if no list can be loaded, the result for each domain is `nil`.
    package static let system = PublicSuffixes { domain in
        guard let functions else { return nil }
        return unsafe functions.find(functions.list, domain) != 0
    }
}
