// SPDX-License-Identifier: MIT
// fetchpool

/// The route `/echo`, which returns the request as JSON.
///
/// The JSON holds the method, the request target as `path`, the header fields and the body. A body that is
/// not UTF-8 becomes `null`. A body of more than `Request.keptBodyBytes` bytes gets the status 413.
enum EchoRoutes {
    static var all: [String: Route] { ["echo": { request, _ in echo(request) }] }

    private static func echo(_ request: Request) -> Reply {
        guard request.bodyLength == request.body.count else {
            return .text("The echo takes at most \(Request.keptBodyBytes) bytes of body.\n", status: 413)
        }
        var json = JSONText()
        json.raw("{\"method\":")
        json.string(request.method)
        json.raw(",\"path\":")
        json.string(request.target)
        json.raw(",\"headers\":[")
        for (index, field) in request.fields.enumerated() {
            json.raw(index == 0 ? "[" : ",[")
            json.string(field.name)
            json.raw(",")
            json.string(field.value)
            json.raw("]")
        }
        json.raw("],\"body\":")
        if let body = String(validating: request.body, as: UTF8.self) {
            json.string(body)
        } else {
            json.raw("null")
        }
        json.raw("}\n")
        return .content("application/json", json.bytes)
    }
}
