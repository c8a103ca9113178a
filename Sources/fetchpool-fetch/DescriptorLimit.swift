// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// Raises the number of descriptors this process may open to what the system allows it (getrlimit(2)).
///
/// Each fetch in flight and each idle connection holds one, and the usual soft limit of 1,024 is soon reached. The limit
/// is soft for the sake of select(2), which is not used here.
func raiseDescriptorLimit() {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    unsafe _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
