// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import Platform

@Suite("Usable cores")
struct UsableCoresTests {
    @Test(
        "a quota is rounded up to whole cores",
        arguments: [
            ("200000 100000\n", 2), ("150000 100000\n", 2), ("1000 100000\n", 1), ("max 100000\n", nil),
            ("-1\n 100000\n", nil), ("50000\n 100000\n", 1),
            ("100000 0\n", nil), ("", nil), ("many\n", nil),
        ] as [(String, Int?)]
    )
    func quota(text: String, cores: Int?) {
        #expect(UsableCores.quota(inCPUMax: text) == cores)
    }

    @Test(
        "a group is bound by its own quota and by those above it",
        arguments: [
            ("0::/\n", ["/sys/fs/cgroup"]),
            (
                "1:name=x:/a\n0::/user.slice/b\n",
                ["/sys/fs/cgroup/user.slice/b", "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup"]
            ),
            ("1:name=x:/a\n", []),
        ]
    )
    func folders(groups: String, expected: [String]) {
        #expect(UsableCores.groupFolders(inGroups: groups) == expected)
    }

    @Test("a group of the first version is found where its controllers are mounted, alone or together")
    func foldersOfTheFirstVersion() {
        let groups = "9:memory:/m\n4:cpu,cpuacct:/docker/1\n0::/x\n"
        let ends = ["/docker/1", "/docker", ""]
        #expect(
            UsableCores.groupFoldersV1(inGroups: groups)
                == ends.map { "/sys/fs/cgroup/cpu" + $0 } + ends.map { "/sys/fs/cgroup/cpu,cpuacct" + $0 }
        )
        #expect(UsableCores.groupFoldersV1(inGroups: "3:cpuset:/a\n0::/x\n") == [])
        #expect(UsableCores.groupFoldersV1(inGroups: "3:cpu:/\n") == ["/sys/fs/cgroup/cpu"])
    }

    @Test("there is one at least")
    func count() {
        #expect(UsableCores.count >= 1)
    }
}
