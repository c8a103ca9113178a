// SPDX-License-Identifier: MIT
// fetchpool

import CXML

/// The one way into libxml2: pages go in as UTF-8, events come out.
///
/// Bounds of the unsafe code here:
/// - the page's bytes and the events' struct outlive the parse, which is one call;
/// - libxml2 gives names and values as strings that end in a zero byte, `nil` for a missing value, and text with its length; they
///   live for the callback alone, and nothing keeps them: neither spans nor attributes can escape;
/// - the pointer handed through libxml2 is this object, which the caller holds during the parse.
@safe final class HTMLParser {
    private let events: HTMLEvents
    private let table: HTMLElementTable

    private static let table = HTMLElementTable()
    /// libxml2's set-up, which may not run on two threads at once; a static is made by one.
    private static let setUp: Void = cxml_set_up()

    private init(_ events: HTMLEvents) {
        self.events = events
        table = Self.table
    }

    /// Parses a page, which has less than 2 GiB, and tells `events`.
    ///
    /// Nothing in a page is an error; where memory runs out the process ends, since libxml2 would pass off a part as the whole.
    static func parse(_ page: PageText, telling events: HTMLEvents) {
        setUp
        let parser = HTMLParser(events)
        let user = unsafe Unmanaged.passUnretained(parser).toOpaque()
        var callbacks = unsafe cxml_html_events(
            user: user,
            start: { unsafe HTMLParser.of($0).start($1, $2) },
            end: { unsafe HTMLParser.of($0).end($1) },
            characters: { unsafe HTMLParser.of($0).characters($1, $2) }
        )
        unsafe page.bytes.withUnsafeBytes { buffer in
            let base = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            unsafe cxml_parse_html(base, Int32(clamping: buffer.count), page.isASCII, &callbacks)
        }
        withExtendedLifetime(parser) {}
    }

    // libxml2 hands back the pointer that `parse` gave it.
    private static func of(_ user: UnsafeMutableRawPointer?) -> HTMLParser {
        guard let user = unsafe user else { fatalError("libxml2 lost its user pointer") }
        return unsafe Unmanaged<HTMLParser>.fromOpaque(user).takeUnretainedValue()
    }

    private func start(
        _ name: UnsafePointer<UInt8>?,
        _ pairs: UnsafeMutablePointer<UnsafePointer<UInt8>?>?
    ) -> Bool {
        events.start(unsafe table[Self.string(name).span], unsafe HTMLAttributes(pairs))
        return events.wantsText
    }

    private func end(_ name: UnsafePointer<UInt8>?) -> Bool {
        events.end(unsafe table[Self.string(name).span])
        return events.wantsText
    }

    private func characters(_ text: UnsafePointer<UInt8>?, _ count: Int32) {
        events.text(unsafe UnsafeBufferPointer(start: text, count: Int(count)).span)
    }

    private static func string(_ pointer: UnsafePointer<UInt8>?) -> UnsafeBufferPointer<UInt8> {
        guard let pointer = unsafe pointer else { return unsafe UnsafeBufferPointer(start: nil, count: 0) }
        return unsafe UnsafeBufferPointer(start: pointer, count: strlen(pointer))
    }
}
