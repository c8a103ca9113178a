// SPDX-License-Identifier: MIT
// fetchpool

/// A shell script, the guard, that kills process groups after the end of the process that started it.
///
/// Programs without a launcher use this guard. The launcher, which starts the workers of `fetchpool`, has a
/// guard of its own (`GroupGuard`).
///
/// The guard reads the numbers of process groups, each on a line of its own; a `-` before a number means that
/// the group is gone. The guard's input ends when the process that started the guard ends. The groups then
/// have five seconds to end by themselves. After that, the guard kills the groups that are left.
///
/// A `?` with a text announces a process whose number is not known yet. The environment of the announced
/// process has the text as the value of `FETCHPOOL_START`. The next line has the number, or is a `?` alone if
/// no process has started. If the input ends before that line, the guard looks for the process in `/proc`.
///
/// The script uses only the shell language and the utilities of POSIX (POSIX.1-2017, XCU). A new group can
/// get the number of a group that has no members left. So the script checks in each of the five seconds which
/// groups have members, and forgets the others. Nobody reads what the script writes, so the script ignores
/// SIGPIPE.
enum ShellGuard {
    /// The program and the arguments that start the guard.
    static let words = ["/bin/sh", "-c", script]

    /// The environment variable with the text that announces a process.
    static let variable = "FETCHPOOL_START"

    private static let script = """
        trap '' HUP INT TERM PIPE
        groups=' '
        start=
        while read -r group; do
            case $group in
            \\?*) start=${group#?} ;;
            -*)
                group=${group#-}
                case $groups in *" $group "*) groups="${groups%% $group *} ${groups#* $group }" ;; esac
                ;;
            *)
                groups="$groups$group "
                start=
                ;;
            esac
        done
        find_started() {
            [ "$start" ] || return 0
            for file in $(grep -lsF "\(variable)=$start" /proc/[0-9]*/environ); do
                file=${file%/environ}
                [ "$file" = /proc/1 ] || groups="$groups${file#/proc/} "
            done
        }
        for second in 1 2 3 4 5; do
            find_started
            left=' '
            for group in $groups; do kill -0 "-$group" 2>/dev/null && left="$left$group "; done
            groups=$left
            [ "$groups$start" = ' ' ] && exit 0
            sleep 1
        done
        find_started
        for group in $groups; do kill -9 "-$group" 2>/dev/null; done
        """
}
