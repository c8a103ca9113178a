// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux

// What libcurl calls while a transfer runs: on the client's thread, from inside a call of the client, with a pointer
// to the transfer, which the client keeps alive as long as its handle. Bounds: `bytes` holds `size` times `count` bytes,
// of which none may be read after the call.

/// A return value that differs from the number of bytes given ends the transfer with CURLE_WRITE_ERROR.
private let refused = 0

/// CURLOPT_WRITEFUNCTION: a piece of the body, as it came.
func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return refused }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    transfer.interests.work.note()
    let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    let goesOn = unsafe transfer.answer.takeBody(piece) {
        unsafe transfer.easy.offset(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
    }
    // An empty piece must not look like a refusal, nor a refusal like success.
    return goesOn ? size * count : size * count == 0 ? -1 : refused
}

/// CURLOPT_HEADERFUNCTION: one whole line of a header.
func receiveHeaderLine(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return refused }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    guard size * count > 0 else { return 0 }
    if !transfer.answer.isAtFirstLine, unsafe line[0] != 0x0D && line[0] != 0x0A {
        unsafe transfer.lastField = clinux_last_block()
    }
    let goesOn = unsafe transfer.answer.takeHeaderLine(line.bindMemory(to: UInt8.self).span) {
        unsafe transfer.easy.long(CURLINFO_RESPONSE_CODE)
    }
    if goesOn, 300...399 ~= transfer.answer.status, !transfer.isRedirectNoted { transfer.noteRedirect() }
    return goesOn ? size * count : refused
}

/// CURLOPT_XFERINFOFUNCTION: how many bytes have come; libcurl calls it each few reads, and now and then else.
///
/// A return value other than 0 ends the transfer with CURLE_ABORTED_BY_CALLBACK.
func noteProgress(
    _ context: UnsafeMutableRawPointer?,
    _ toReceive: curl_off_t,
    _ received: curl_off_t,
    _ toSend: curl_off_t,
    _ sent: curl_off_t
) -> Int32 {
    guard let context = unsafe context else { return 1 }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    transfer.interests.work.note()
    guard transfer.countsDroppedBody else { return 0 }
    return transfer.mayReceive(Int(received)) ? 0 : 1
}

/// CURLOPT_DEBUGFUNCTION: what libcurl says of a transfer while it runs; of requests that may not be sent twice alone.
func hearRemark(
    _ easy: UnsafeMutableRawPointer?,
    _ kind: curl_infotype,
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard kind == CURLINFO_TEXT, let context = unsafe context else { return 0 }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    let text = unsafe String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
    transfer.noteRemark(text)
    return 0
}

extension UnsafeMutableRawPointer {
    /// A number that libcurl knows about the transfer of this easy handle; 0 if it does not.
    func offset(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        unsafe ccurl_get_offset(self, info, &value)
        return Int(value)
    }

    /// A number that libcurl knows about the transfer of this easy handle; 0 if it does not.
    func long(_ info: CURLINFO) -> Int {
        var value = 0
        unsafe ccurl_get_long(self, info, &value)
        return value
    }

    /// A text that libcurl knows about the transfer of this easy handle, copied.
    func text(_ info: CURLINFO) -> String? {
        var value: UnsafePointer<CChar>?
        unsafe ccurl_get_text(self, info, &value)
        guard let value = unsafe value else { return nil }
        return unsafe String(cString: value)
    }
}
