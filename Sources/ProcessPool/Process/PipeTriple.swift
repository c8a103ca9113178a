// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

/// The three pipes of a worker.
struct PipeTriple {
    let input: Pipe
    let output: Pipe
    let errors: Pipe

    init() throws(PoolError) {
        input = try Self.make()
        do throws(PoolError) {
            output = try Self.make()
        } catch {
            input.close()
            throw error
        }
        do throws(PoolError) {
            errors = try Self.make()
        } catch {
            input.close()
            output.close()
            throw error
        }
    }

    private static func make() throws(PoolError) -> Pipe {
        guard let pipe = Pipe() else { throw .noDescriptors }
        return pipe
    }

    func closeChildEnds() {
        close(input.reader)
        close(output.writer)
        close(errors.writer)
    }

    func closeOurEnds() {
        close(input.writer)
        close(output.reader)
        close(errors.reader)
    }
}
