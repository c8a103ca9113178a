// SPDX-License-Identifier: MIT
// fetchpool

@main
enum Program {
    static func main() {}
}
