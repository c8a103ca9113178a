// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

extension OpenFolder {
    /// Renames the file `name` in the folder to `new`, which must not exist; returns `false` on failure, with
    /// the reason in `errno`.
    ///
    /// Some file systems, for example NFS, do not support this call (renameat2(2) with `RENAME_NOREPLACE`).
    package func rename(_ name: String, toNew new: String) -> Bool {
        unsafe clinux_rename_to_new(descriptor, name.systemPath, new.systemPath) == 0
    }
}

extension SystemPath {
    /// Renames the file `name` to `new`, which must not exist; returns `false` on failure, with the reason in
    /// `errno`.
    ///
    /// Some file systems, for example NFS, do not support this call (renameat2(2) with `RENAME_NOREPLACE`).
    package static func rename(_ name: String, toNew new: String) -> Bool {
        unsafe clinux_rename_to_new(AT_FDCWD, name.systemPath, new.systemPath) == 0
    }
}
