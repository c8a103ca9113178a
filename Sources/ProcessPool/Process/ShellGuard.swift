// SPDX-License-Identifier: MIT
// fetchpool

/// A shell script that guards process groups, for programs that have no launcher.
///
/// The guard does what the launcher's guard does (`GroupGuard`). It reads the numbers of process groups, each
/// on a line of its own; a `-` before a number means that the group is gone. The guard's input ends when the
/// process that started the guard ends. The groups then have five seconds to end by themselves. After that,
/// the guard kills the groups that are left.
///
/// The script uses only the shell language and the utilities of POSIX (POSIX.1-2017, XCU). A new group can
/// get the number of a group that has no members left. So the script checks in each of the five seconds which
/// groups have members, and forgets the others. Nobody reads what the script writes, so the script ignores
/// SIGPIPE.
enum ShellGuard {
    /// The words that start the guard.
    static let words = ["/bin/sh", "-c", script]

    private static let script = """
        trap '' HUP INT TERM PIPE
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
        for group in $groups; do kill -9 "-$group" 2>/dev/null; done
        """
}
