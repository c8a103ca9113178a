// SPDX-License-Identifier: MIT
// fetchpool
