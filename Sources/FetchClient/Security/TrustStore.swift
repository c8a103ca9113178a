// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import Glibc

/// The certificates that servers are checked against: a file, or a folder of files that are named by hashes
/// (openssl-rehash(1)).
///
/// A file alone, wherever there is one: libcurl 7.87 and newer then reads it once for all connections of a
/// multi handle. Where it knows a folder as well, as by its own defaults on some systems, it reads the file,
/// some 140 certificates, for each connection.
struct TrustStore: Hashable {
    /// `nil` for none; both `nil` leave the choice to libcurl's TLS library.
    let file: String?
    let folder: String?

    /// The store that a user has chosen, or else what libcurl was built to use.
    init(chosenFile: String?) {
        // The seventh form of what it tells is the first with both names (7.70).
        let library = unsafe curl_version_info(CURLVERSION_SEVENTH)
        self.init(
            chosenFile: chosenFile,
            builtInFile: unsafe Self.text(library?.pointee.cainfo),
            builtInFolder: unsafe Self.text(library?.pointee.capath)
        )
    }

    init(chosenFile: String?, builtInFile: String?, builtInFolder: String?) {
        if let chosenFile {
            (file, folder) = (chosenFile, nil)
        } else if let builtInFile, Self.isReadable(builtInFile) {
            (file, folder) = (builtInFile, nil)
        } else if let builtInFolder, Self.isReadable(builtInFolder) {
            // With a file that is not there, libcurl would take no certificate at all.
            (file, folder) = (nil, builtInFolder)
        } else {
            (file, folder) = (builtInFile, builtInFolder)
        }
    }

    private static func isReadable(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }

    private static func text(_ text: UnsafePointer<CChar>?) -> String? {
        guard let text = unsafe text else { return nil }
        return unsafe String(cString: text)
    }

    /// Sets the store on a handle.
    func apply(to easy: UnsafeMutableRawPointer) {
        guard file != nil || folder != nil else { return }
        unsafe ccurl_set_text(easy, CURLOPT_CAINFO, file)
        unsafe ccurl_set_text(easy, CURLOPT_CAPATH, folder)
    }
}
