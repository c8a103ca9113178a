// SPDX-License-Identifier: MIT
// fetchpool

/// The result codes of libcurl (`CURLcode` in curl/curl.h), as an enumeration for exhaustive switches.
///
/// Swift imports the C enumeration as a number, so a switch over it needs a default case. A default case
/// would hide a forgotten code. The cases have the names of the header file without `CURLE_`, in camel case;
/// a test compares the names.
enum ResultCode: UInt32, CaseIterable {
    case ok = 0
    case unsupportedProtocol
    case failedInit
    case urlMalformat
    case notBuiltIn
    case couldntResolveProxy
    case couldntResolveHost
    case couldntConnect
    case weirdServerReply
    case remoteAccessDenied
    case ftpAcceptFailed
    case ftpWeirdPassReply
    case ftpAcceptTimeout
    case ftpWeirdPasvReply
    case ftpWeird227Format
    case ftpCantGetHost
    case http2
    case ftpCouldntSetType
    case partialFile
    case ftpCouldntRetrFile
    case obsolete20
    case quoteError
    case httpReturnedError
    case writeError
    case obsolete24
    case uploadFailed
    case readError
    case outOfMemory
    case operationTimedout
    case obsolete29
    case ftpPortFailed
    case ftpCouldntUseRest
    case obsolete32
    case rangeError
    case httpPostError
    case sslConnectError
    case badDownloadResume
    case fileCouldntReadFile
    case ldapCannotBind
    case ldapSearchFailed
    case obsolete40
    case functionNotFound
    case abortedByCallback
    case badFunctionArgument
    case obsolete44
    case interfaceFailed
    case obsolete46
    case tooManyRedirects
    case unknownOption
    case setoptOptionSyntax
    case obsolete50
    case obsolete51
    case gotNothing
    case sslEngineNotfound
    case sslEngineSetfailed
    case sendError
    case recvError
    case obsolete57
    case sslCertproblem
    case sslCipher
    case peerFailedVerification
    case badContentEncoding
    case obsolete62
    case filesizeExceeded
    case useSslFailed
    case sendFailRewind
    case sslEngineInitfailed
    case loginDenied
    case tftpNotfound
    case tftpPerm
    case remoteDiskFull
    case tftpIllegal
    case tftpUnknownid
    case remoteFileExists
    case tftpNosuchuser
    case obsolete75
    case obsolete76
    case sslCacertBadfile
    case remoteFileNotFound
    case ssh
    case sslShutdownFailed
    case again
    case sslCrlBadfile
    case sslIssuerError
    case ftpPretFailed
    case rtspCseqError
    case rtspSessionError
    case ftpBadFileList
    case chunkFailed
    case noConnectionAvailable
    case sslPinnedpubkeynotmatch
    case sslInvalidcertstatus
    case http2Stream
    case recursiveApiCall
    case authError
    case http3
    case quicConnectError
    case proxy
    case sslClientcert
    case unrecoverablePoll
    // The codes below exist only in versions later than 7.88.
    case tooLarge
    case echRequired
}
