// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import Platform

@Suite struct UsableCoresTests {
    @Test(
        arguments: [
            ("200000 100000\n", 2), ("150000 100000\n", 2), ("1000 100000\n", 1), ("max 100000\n", nil),
            ("-1\n 100000\n", nil), ("50000\n 100000\n", 1),
            ("100000 0\n", nil), ("", nil), ("many\n", nil),
        ] as [(String, Int?)]
    )
    func aQuotaIsRoundedUpToWholeCores(text: String, cores: Int?) {
        #expect(UsableCores.quota(inCPUMax: text) == cores)
    }

    @Test(
        arguments: [
            ("0::/\n", ["/sys/fs/cgroup"]),
            (
                "1:name=x:/a\n0::/user.slice/b\n",
                ["/sys/fs/cgroup/user.slice/b", "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup"]
            ),
            ("1:name=x:/a\n", []),
        ]
    )
    func aGroupHasItsOwnFolderAndTheFoldersAboveIt(groups: String, expected: [String]) {
        #expect(UsableCores.groupFolders(inGroups: groups) == expected)
    }

    @Test func aGroupOfVersion1HasFoldersBelowEachPossibleMount() {
        let groups = "9:memory:/m\n4:cpu,cpuacct:/docker/1\n0::/x\n"
        let ends = ["/docker/1", "/docker", ""]
        #expect(
            UsableCores.groupFoldersV1(inGroups: groups)
                == ends.map { "/sys/fs/cgroup/cpu" + $0 } + ends.map { "/sys/fs/cgroup/cpu,cpuacct" + $0 }
        )
        #expect(UsableCores.groupFoldersV1(inGroups: "3:cpuset:/a\n0::/x\n") == [])
        #expect(UsableCores.groupFoldersV1(inGroups: "3:cpu:/\n") == ["/sys/fs/cgroup/cpu"])
    }

    @Test func thereIsAtLeastOneCore() {
        #expect(UsableCores.count >= 1)
    }
}
