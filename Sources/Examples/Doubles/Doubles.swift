// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool

let double = WorkerFunction("double") { (number: Int) in number * 2 }

@main
struct Doubles {
    static func main() async throws {
        ProcessPoolExecutor.serveIfWorker(double)
        try await withProcessPool { pool in
            print(try await pool.submit(double, 21).value)
            for try await number in pool.map(double, 1...3) { print(number) }
        }
    }
}
