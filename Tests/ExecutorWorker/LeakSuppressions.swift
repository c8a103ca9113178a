// SPDX-License-Identifier: MIT
// fetchpool

/// Returns the leaks that the leak check of the address sanitizer does not report for this program; the
/// sanitizer calls it at the end of the program.
///
/// `Process.run()` of Foundation keeps a weak reference to each process. If the program ends soon after a
/// worker, the 32 bytes behind the reference are in use by nothing that the check can see.
@_cdecl("__lsan_default_suppressions")
public func leakSuppressions() -> UnsafePointer<CChar> {
    let rules: StaticString = "leak:swift_weakAssign\n"
    return unsafe UnsafeRawPointer(rules.utf8Start).assumingMemoryBound(to: CChar.self)
}
