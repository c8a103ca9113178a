// SPDX-License-Identifier: MIT
// fetchpool

/// The reason why bytes are not a request, with the status and text of the response.
enum RequestFault: Error {
    case malformed(String)
    case headTooLong

    var status: Int {
        switch self {
        case .malformed: 400
        case .headTooLong: 431
        }
    }

    var message: String {
        switch self {
        case .malformed(let what): "This is no HTTP/1.1 request: \(what).\n"
        case .headTooLong:
            "The head or a line of a chunked body is over \(RequestReader.maxHeadBytes) bytes; send less.\n"
        }
    }
}
