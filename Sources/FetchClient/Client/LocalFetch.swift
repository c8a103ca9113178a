// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The results of tasks that need no network.
enum LocalFetch {
    /// Returns the result of a task that needs no network; `nil` if the task must be fetched.
    ///
    /// A task with a `data:` URL needs no network. A HEAD or TRACE task with a body gets an error. If
    /// `limits.wantsResponse` is true, the result of a `data:` URL contains the body and a header field
    /// `content-type`, except for the method HEAD. If the body is larger than `limits.maxBodyBytes`, the
    /// result has the error class `tooLarge`, except for the method HEAD.
    static func result(of task: FetchTask, token: Int, limits: ResponseLimits) -> FetchResult? {
        guard task.url.scheme == .data || task.body != nil else { return nil }
        var result = FetchResult(token: token)
        if task.body != nil, task.method == .head || task.method == .trace {
            // A client should not send a body with HEAD, and must not send one with TRACE (RFC 9110 §9.3.2,
            // §9.3.8). libcurl would silently drop the body of a HEAD request.
            let name = task.method.rawValue
            result.error = TaskError(
                .json,
                "a \(name) request has no body; leave out the body, or use another method"
            )
            return result
        }
        guard task.url.scheme == .data else { return nil }
        do throws(URLRefusal) {
            let data = try DataURL(of: task.url)
            result.status = 200
            result.finalURL = task.url.text
            result.contentType = data.mediaType
            (result.wireBytes, result.bodyBytes) = (data.body.count, data.body.count)
            if task.method == .head { return result }
            if data.body.count > limits.maxBodyBytes {
                result.error = limits.bodyError
            } else if limits.wantsResponse {
                result.body = data.body
                result.headers = [HeaderField(name: "content-type", value: data.mediaType)]
            }
        } catch {
            result.error = TaskError(error.errorClass, error.description)
        }
        return result
    }
}
