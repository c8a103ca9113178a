// SPDX-License-Identifier: MIT
// fetchpool

/// A guard of process groups that is a shell, for programs that have no launcher.
///
/// It does what the launcher's guard does: it reads the numbers of process groups, each on a line of its own,
/// and a `-` before a number means that the group is gone. When its input ends, this process is gone. The
/// groups then have five seconds to end by themselves; those that are left are killed.
///
/// The script uses only what POSIX asks of a shell (POSIX.1-2017, XCU 2). While kill(2) finds a group, the
/// group has a member, so no new group can get its number.
enum ShellGuard {
    /// The words that start the guard.
    static let words = ["/bin/sh", "-c", script]

    private static let script = """
        trap '' HUP INT TERM
        groups=' '
        while read -r group; do
            case $group in
            -*)
                group=${group#-}
                case $groups in *" $group "*) groups="${groups%% $group *} ${groups#* $group }" ;; esac
                ;;
            *) groups="$groups$group " ;;
            esac
        done
        for second in 1 2 3 4 5; do
            left=' '
            for group in $groups; do kill -0 "-$group" 2>/dev/null && left="$left$group "; done
            groups=$left
            [ "$groups" = ' ' ] && exit 0
            sleep 1
        done
        for group in $groups; do kill -9 "-$group"; done
        """
}
