// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

// The request that a redirect leads to (Fetch Standard, "HTTP-redirect fetch"). libcurl gets this request as
// a new transfer on the easy handle of the last request. Without a session (`SessionCookies`), this handle
// keeps the cookies of earlier responses.

extension Transfer {
    /// Returns the URL that the last response redirects to.
    ///
    /// - Throws: `TaskError` with the reason if the redirect is not followed.
    func redirectTarget(_ options: CommonOptions, now: Int) throws(TaskError) -> TargetURL {
        guard let target, chain.hops.count < options.maxRedirects else {
            throw TaskError(.redirects, "there were more redirects than the limit of \(options.maxRedirects)")
        }
        guard !response.redirect.isAmbiguous else {
            throw TaskError(.redirects, "a redirect names two locations that differ")
        }
        let next = try RedirectTarget.read(response.redirect.location, from: target)
        guard now - begun < timeout else {
            throw TaskError(.timeoutTotal, "the fetch took longer than its time-out", isRetryable: true)
        }
        return next
    }

    /// Prepares the next request of the task; `key` is the key of the host of `next`.
    func redirect(to next: TargetURL, host key: Int, _ options: CommonOptions, now: Int) {
        guard let target else { return }
        let status = response.status
        chain.add(
            RedirectHop(url: target.text, status: status),
            timing: timing,
            elapsed: now - begun
        )
        let staysAtOrigin = next.hasOrigin(of: target)
        let hasOwnMethod = becomesGET(status)
        let login = staysAtOrigin ? nil : options.login(for: next, redirectedFrom: target)
        holdLastField()
        takeBackNames()
        response.beginNextRequest()
        excused = 0
        prepareRequest(next)
        changeFields(to: next, isGET: hasOwnMethod, staysAtOrigin: staysAtOrigin, login, options)
        if hasOwnMethod { forgetMethod() }
        setTarget(next, options)
        share(options, key)
        startLate(now: now, options)
    }

    /// Returns true if the request becomes a GET without a body: a POST after the statuses 301 and 302, and
    /// every method except HEAD after 303.
    private func becomesGET(_ status: Int) -> Bool {
        switch status {
        case 301, 302: method == .post
        case 303: method != .head
        default: false
        }
    }

    private func forgetMethod() {
        // The options of a plain GET need no change.
        guard isAltered else { return }
        (method, sendsBody) = (.get, false)
        unsafe ccurl_set_text(easy, CURLOPT_CUSTOMREQUEST, nil)
        unsafe ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, -1)
        unsafe ccurl_set_text(easy, CURLOPT_POSTFIELDS, nil)
        unsafe ccurl_set_long(easy, CURLOPT_HTTPGET, 1)
        guard !isRepeatable else { return }
        isRepeatable = true
        unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, isRetry ? 1 : 0)
        unsafe ccurl_set_long(easy, CURLOPT_FORBID_REUSE, 0)
        unsafe ccurl_set_long(easy, CURLOPT_VERBOSE, 0)
    }

    /// Sets the fields of the next request.
    ///
    /// If the request becomes a GET, the fields about the body are removed. If the request goes to another
    /// origin, the fields for the old origin are removed. The user name and password of `next`, or else
    /// `login`, are added if there is no `Authorization` field. The user name and password of `next` also
    /// replace an `Authorization` field of the scheme Basic, which may come from the last URL.
    private func changeFields(
        to next: TargetURL,
        isGET: Bool,
        staysAtOrigin: Bool,
        _ login: HeaderField?,
        _ options: CommonOptions
    ) {
        let old = fields ?? options.headers
        var new = old.filter { field in
            let name = field.name.lowercased()
            return !(isGET && Self.namesOfBody.contains(name))
                && (staysAtOrigin || !Self.namesOfOrigin.contains(name))
        }
        if !staysAtOrigin, old.contains(where: \.isHost) {
            // Without a `Host` field, libcurl 7.88 would still choose cookies by the last `Host` field.
            new.append(next.hostField)
        }
        if next.authorization != nil { new.removeAll(where: \.isBasicAuthorization) }
        if let field = next.authorization ?? login, !new.contains(where: \.isAuthorization) {
            new.append(field)
        }
        if new != old { setFields(new) }
        guard !staysAtOrigin, cookie != nil else { return }
        (cookie, isAltered) = (nil, true)
        // This removes only the user's cookies. Cookies from responses have their own rules (RFC 6265 §5.4).
        unsafe ccurl_set_text(easy, CURLOPT_COOKIE, nil)
    }

    /// The request-body-header names of the Fetch Standard.
    private static let namesOfBody = [
        "content-encoding", "content-language", "content-location", "content-type",
    ]
    /// The fields that are meant for one server.
    private static let namesOfOrigin = ["authorization", "host"]
}

extension HeaderField {
    /// True if the name is `Host`, in any letter case.
    var isHost: Bool { name.lowercased() == "host" }

    /// True if the name is `Authorization`, in any letter case.
    fileprivate var isAuthorization: Bool { name.lowercased() == "authorization" }

    /// True if the field sends a user name and password (RFC 7617).
    fileprivate var isBasicAuthorization: Bool {
        isAuthorization && value.lowercased().hasPrefix("basic ")
    }
}

extension TargetURL {
    /// The `Host` field of a request for this URL.
    var hostField: HeaderField {
        let isBracketed = text[authority.lowerBound - 1] == UInt8(ascii: "[")
        let part = text[(authority.lowerBound - (isBracketed ? 1 : 0))..<authority.upperBound]
        return HeaderField(name: "Host", value: String(decoding: part, as: UTF8.self))
    }

    /// Returns true if scheme, host and port equal those of another URL.
    func hasOrigin(of other: TargetURL) -> Bool {
        text[..<Int(pathStart)] == other.text[..<Int(other.pathStart)]
    }
}
