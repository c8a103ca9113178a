// SPDX-License-Identifier: MIT
// fetchpool

/// The two ways to a coordinator above, where this one is its worker.
struct UpstreamLink {
    /// Its messages.
    let input: SupervisedInput
    /// The descriptor that answers go to.
    let output: Int32
}
