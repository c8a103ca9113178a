// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import Glibc

/// The certificates that servers are checked against: a file, or a folder of files named by hashes
/// (openssl-rehash(1)).
///
/// The user's file, or else a readable built-in file, is used without a folder. libcurl 7.87 and newer then
/// does not read the file again for each connection. If only the built-in folder is readable, it is used
/// without a file. If neither the built-in file nor the built-in folder is readable, libcurl gets both.
struct TrustStore: Hashable {
    /// The file; `nil` for none.
    ///
    /// If `file` and `folder` are both `nil`, the client sets neither, and the choice is left to libcurl.
    let file: String?
    let folder: String?

    /// Creates the store that the user has chosen, or else the store that libcurl was built with.
    init(chosenFile: String?) {
        // The seventh version of this structure is the first that names file and folder (libcurl 7.70).
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
            // With a missing file, libcurl would accept no certificate at all.
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

    /// Sets the store on an easy handle, for the TLS connection to its proxy.
    func applyToProxy(of easy: UnsafeMutableRawPointer) {
        guard file != nil || folder != nil else { return }
        unsafe ccurl_set_text(easy, CURLOPT_PROXY_CAINFO, file)
        unsafe ccurl_set_text(easy, CURLOPT_PROXY_CAPATH, folder)
    }

    /// Sets the store on an easy handle.
    func apply(to easy: UnsafeMutableRawPointer) {
        guard file != nil || folder != nil else { return }
        unsafe ccurl_set_text(easy, CURLOPT_CAINFO, file)
        unsafe ccurl_set_text(easy, CURLOPT_CAPATH, folder)
    }
}
