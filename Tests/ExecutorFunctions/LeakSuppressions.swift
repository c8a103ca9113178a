// SPDX-License-Identifier: MIT
// fetchpool

/// Returns the leaks that the address sanitizer's leak check does not report for programs with pools.
///
/// The sanitizer calls this function at the end of the program. `Process.run()` of Foundation allocates 32
/// bytes for a weak reference to each process. If the program ends soon after a worker has ended, these bytes
/// may not be freed yet, and the check finds no pointer to them.
@_cdecl("__lsan_default_suppressions")
public func leakSuppressions() -> UnsafePointer<CChar> {
    let rules: StaticString = "leak:swift_weakAssign\n"
    return unsafe UnsafeRawPointer(rules.utf8Start).assumingMemoryBound(to: CChar.self)
}
