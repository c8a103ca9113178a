// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

/// The three pipes of a worker, close-on-exec from their first moment, so that no other child inherits them.
struct PipeTriple {
    struct Ends {
        let reader: Int32
        let writer: Int32

        init() throws(PoolError) {
            var (readEnd, writeEnd): (Int32, Int32) = (-1, -1)
            guard unsafe clinux_pipe(&readEnd, &writeEnd, 0) == 0 else { throw PoolError.noDescriptors }
            (reader, writer) = (readEnd, writeEnd)
        }

        func close() {
            Glibc.close(reader)
            Glibc.close(writer)
        }
    }

    let input: Ends
    let output: Ends
    let errors: Ends

    init() throws(PoolError) {
        input = try Ends()
        do throws(PoolError) {
            output = try Ends()
        } catch {
            input.close()
            throw error
        }
        do throws(PoolError) {
            errors = try Ends()
        } catch {
            input.close()
            output.close()
            throw error
        }
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
