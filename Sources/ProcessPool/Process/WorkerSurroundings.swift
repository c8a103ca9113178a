// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The environment and the priority of a worker's process, and whether the worker ends with this process.
package struct WorkerSurroundings: Hashable, Sendable {
    /// The environment of this process that the worker inherits; `nil` for `WorkerEnvironment.first`.
    var inherited: WorkerEnvironment?
    /// The worker's own environment variables; these replace variables of this process with the same names.
    package var variables: [String: String]
    /// The worker's niceness minus the niceness of this process (setpriority(2)).
    package var niceness: Int
    /// True if a guard must kill the worker's process group once this process is gone.
    ///
    /// Set this for programs that may ignore the end of their input.
    package var endsWithParent = false

    /// Creates a description.
    package init(variables: [String: String] = [:], niceness: Int = 0) {
        (self.variables, self.niceness) = (variables, niceness)
    }

    /// Returns the inherited environment with `variables`; these replace inherited variables of equal names.
    ///
    /// With `showsBacktrace`, the inherited environment is `WorkerEnvironment.forRetry`; otherwise `usual`.
    func environment(showsBacktrace: Bool) -> [String: String] {
        let inherited = inherited ?? .first
        let base = showsBacktrace ? inherited.forRetry : inherited.usual
        return variables.isEmpty ? base : base.merging(variables) { _, own in own }
    }

    /// Changes the priority of a process that was just started.
    ///
    /// Linux changes the priority of one thread only, so the process must not have a second thread yet. If
    /// the system refuses, the process keeps its priority.
    func setNiceness(of pid: pid_t) {
        guard niceness != 0 else { return }
        let which = __priority_which_t(PRIO_PROCESS.rawValue)
        let own = getpriority(which, 0)
        // The system brings each niceness into the range from -20 to 19, so a change of 40 reaches any value.
        setpriority(which, id_t(pid), own + Int32(max(-40, min(niceness, 40))))
    }
}
