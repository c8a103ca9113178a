#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# fetchpool
#
# No-op tasks through GNU parallel: a process for each, two at a time.
# usage: parallel_dispatch.sh TASKS
set -euo pipefail
begin=$EPOCHREALTIME
done=$(seq "$1" | parallel --jobs 2 echo | wc -l)
end=$EPOCHREALTIME
printf '{"items":%d,"ok":%d,"seconds":%s}\n' "$1" "$done" "$(awk "BEGIN { print $end - $begin }")"
