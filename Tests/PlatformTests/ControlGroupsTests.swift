// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import Platform

@Suite struct ControlGroupsTests {
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
        #expect(ControlGroups.folders(inGroups: groups) == expected)
    }

    @Test func aGroupOfVersion1HasFoldersBelowEachPossibleMount() {
        let groups = "9:memory:/m\n4:cpu,cpuacct:/docker/1\n0::/x\n"
        let ends = ["/docker/1", "/docker", ""]
        #expect(
            ControlGroups.foldersV1(of: "cpu", inGroups: groups)
                == ends.map { "/sys/fs/cgroup/cpu" + $0 } + ends.map { "/sys/fs/cgroup/cpu,cpuacct" + $0 }
        )
        #expect(ControlGroups.foldersV1(of: "cpu", inGroups: "3:cpuset:/a\n0::/x\n") == [])
        #expect(ControlGroups.foldersV1(of: "cpu", inGroups: "3:cpu:/\n") == ["/sys/fs/cgroup/cpu"])
        #expect(ControlGroups.foldersV1(of: "memory", inGroups: groups).first == "/sys/fs/cgroup/memory/m")
    }

    @Test(
        arguments: [
            ("268435456\n", 268_435_456), ("0\n", 0), ("max\n", nil), ("9223372036854771712\n", nil),
            ("-1\n", nil), ("", nil),
        ] as [(String, Int?)]
    )
    func aMemoryLimitIsANumberOfBytes(text: String, bytes: Int?) {
        #expect(MemoryLimit.bytes(in: text) == bytes)
    }
}
