// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The route `/files/NAME`: a file of the folder that `--files` names, as HTML.
///
/// Bounds of the unsafe code: `read` gets the unfilled part of a buffer, and the size of this part. `fstat`
/// gets a local value.
enum FileRoutes {
    static var all: [String: Route] { ["files": { request, site in file(request, site) }] }

    private static func file(_ request: Request, _ site: Site) -> Reply {
        let name = request.parameters.first.map(\.percentDecoded) ?? ""
        // A slash, or the name `..`, could lead out of the folder. All names with a leading dot are refused.
        guard let folder = site.files, request.parameters.count == 1, !name.hasPrefix("."),
            !name.contains("/"),
            let bytes = contents(of: "\(folder)/\(name)")
        else { return .usage("/files/NAME, with a file of the folder --files") }
        return .content("text/html", bytes)
    }

    private static func contents(of path: String) -> [UInt8]? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var state = stat()
        guard unsafe fstat(file, &state) == 0, state.st_mode & S_IFMT == S_IFREG else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(state.st_size))
        var count = 0
        while count < bytes.count {
            let more = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe read(file, buffer.baseAddress?.advanced(by: count), buffer.count - count)
            }
            guard more > 0 else { return nil }
            count += more
        }
        return bytes
    }
}
