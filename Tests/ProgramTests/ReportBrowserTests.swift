// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests in which a browser without a window opens the page of a run.
///
/// Pictures of the page are kept in `.build/report`.
@Suite(.ownThread, .enabled(if: Browser.path != nil, "no browser is installed"))
struct ReportBrowserTests {
    private let folder = TestFolder()

    /// Texts that would send a request or change the title of the page, if they were markup.
    private static let attacks = [
        #"<img src=http://127.0.0.1:9/evil onerror=document.title=1>"#,
        #"</title></style></pre></svg><script>document.title='evil'</script>"#,
        #"\" style=\"background:url(http://127.0.0.1:9/evil)\" onmouseover=\"document.title=1"#,
        #"<svg onload=document.title=1><use href=http://127.0.0.1:9/evil#x /></svg>"#,
        #"<iframe src=//127.0.0.1:9/evil>"#, #"<link rel=stylesheet href=http://127.0.0.1:9/evil>"#,
        #"<meta http-equiv=refresh content=0;url=http://127.0.0.1:9/evil>"#,
    ]

    /// Writes the page about records that contain `attacks`, and returns the path of the page.
    private func page() throws -> String {
        var lines: [String] = []
        for (index, attack) in Self.attacks.enumerated() {
            for signal in [attack, "SIGSEGV"] {
                lines.append(
                    #"{"v":1,"id":"\#(attack)\#(signal)","url":"http://host\#(index).example/\#(attack)","outcome":"worker_crash","status":200,"timing":{"total_ms":\#(index * 90 + 1)},"fetched_at":"2026-11-26T10:00:0\#(index).000Z","attempt":1,"worker":{"id":\#(index),"pid":1},"processor":{"name":"\#(attack)","id":0,"pid":2},"error":{"class":"crash","message":"\#(attack)","retryable":false},"signal":"\#(signal)","stderr_tail":["\#(attack)"],"body_path":"\#(attack)"}"#
                )
            }
            lines.append(
                #"{"v":1,"id":\#(index),"url":"https://\#(String(repeating: "a-very-long-name.", count: 14))example/","outcome":"ok","status":200,"timing":{"total_ms":12},"fetched_at":"2026-11-26T10:00:0\#(index).500Z","worker":{"id":0,"pid":1}}"#
            )
        }
        let records = try folder.write(lines.joined(separator: "\n") + "\n", to: "records")
        let path = folder.file("page.html")
        let finished = try RunningProgram.run("fetchpool", ["report", records, "-o", path])
        #expect(finished.end == .status(0), "\(finished.errors)")
        return path
    }

    @Test func thePageSendsNoRequestAndRunsNoScript() throws {
        let browser = Browser(folder)
        let (tree, requests) = try browser.open(page())
        #expect(tree.contains("<title>fetchpool: 7 of 21 tasks are ok</title>"))
        #expect(!tree.contains("<script") && !tree.contains("<img") && !tree.contains("<iframe"))
        #expect(requests.allSatisfy { !$0.contains("127.0.0.1") }, "\(requests)")
        // On a page that contains the attacks without escapes, they send a request and change the title. So
        // the checks above would find such a request or title.
        let open = try folder.write("<title>x</title>" + Self.attacks.joined(), to: "open.html")
        let (openTree, openRequests) = try browser.open(open)
        #expect(openRequests.contains { $0.contains("127.0.0.1:9/evil") })
        #expect(!openTree.contains("<title>x</title>"))
    }

    @Test func nothingIsWiderThanThePage() throws {
        let browser = Browser(folder)
        for width in [320, 375, 768, 1_440] {
            #expect(try browser.widthOfContents(page(), width: width) == width)
        }
        // The page of a million tasks has wider numbers.
        _ = try page()
        let text = try folder.read("page.html")
            .replacing(/<td class="n">[0-9]+<\/td>/, with: "<td class=\"n\">1,000,000</td>")
        #expect(text.contains("1,000,000"))
        #expect(try browser.widthOfContents(folder.write(text, to: "large.html"), width: 375) == 375)
    }

    @Test(arguments: [(375, false), (375, true), (1_440, false), (1_440, true)])
    func aPictureOfThePageIsKept(width: Int, isDark: Bool) throws {
        let name = "report-\(width)-\(isDark ? "dark" : "light").png"
        let picture = try Browser(folder).picture(page(), width: width, isDark: isDark, name: name)
        // The picture of an empty page is smaller.
        #expect(picture.count > 30_000 && picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }
}

/// A browser based on Chromium, without a window.
private struct Browser {
    static let path = ["chromium", "google-chrome", "chromium-browser"].flatMap { name in
        ["/usr/bin/", "/usr/local/bin/"].map { $0 + name }
    }.first { FileManager.default.isExecutableFile(atPath: $0) }

    private let folder: TestFolder

    init(_ folder: TestFolder) { self.folder = folder }

    /// Opens a page; returns the page's tree of elements as HTML, and the URLs in the browser's network log.
    func open(_ page: String) throws -> (tree: String, requests: [String]) {
        let log = folder.file("network-\(UUID().uuidString)")
        let tree = try run([
            "--dump-dom", "--log-net-log=\(log)", "--virtual-time-budget=2000", "file://" + page,
        ])
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)
        let requests = text.matches(of: /"url":"((?:[^"\\]|\\.)*)"/).map { String($0.output.1) }
        return (tree, requests)
    }

    /// Returns the width in pixels that a page needs in a frame that is `width` pixels wide; 0 if the browser
    /// does not report it.
    func widthOfContents(_ page: String, width: Int) throws -> Int {
        let frame = try folder.write(
            """
            <iframe id="f" src="file://\(page)" style="border:0;width:\(width)px;height:900px"></iframe>
            <script>onload = () => document.title = 'w' + f.contentDocument.documentElement.scrollWidth</script>
            """,
            to: "frame.html"
        )
        let tree = try run([
            "--dump-dom", "--hide-scrollbars", "--disable-web-security", "--allow-file-access-from-files",
            "file://" + frame,
        ])
        return tree.firstMatch(of: /<title>w(\d+)<\/title>/).flatMap { Int($0.output.1) } ?? 0
    }

    /// Returns a picture of a page, and keeps it in the folder of the build.
    func picture(_ page: String, width: Int, isDark: Bool, name: String) throws -> Data {
        let pictures = URL(fileURLWithPath: BuiltPrograms.folder).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("report")
        try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
        let file = pictures.appendingPathComponent(name)
        // A window cannot be as narrow as a phone, but a frame in the window can.
        let frame = try folder.write(
            "<body style='margin:0'><iframe src='file://\(page)' style='border:0;width:\(width)px;height:4000px'></iframe>",
            to: "\(name).html"
        )
        let size = "--window-size=\(max(width, 500)),4000"
        let colours = isDark ? ["--force-dark-mode"] : []
        _ = try run(colours + [size, "--hide-scrollbars", "--screenshot=\(file.path)", "file://" + frame])
        return try Data(contentsOf: file)
    }

    private func run(_ arguments: [String]) throws -> String {
        let usual = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--user-data-dir=\(folder.file("browser-\(UUID().uuidString)"))",
        ]
        let browser = try RunningProgram(
            Self.path ?? "",
            usual + arguments,
            variables: ["HOME=\(folder.path)"]
        )
        let finished = try browser.finish(within: .seconds(240))
        #expect(finished.end == .status(0), "\(finished.errors)")
        return finished.output
    }
}
