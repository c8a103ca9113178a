#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# fetchpool
#
# curl with 64 transfers at a time. The list of URLs is in a config file, as "curl --parallel" needs it. The
# exit status of curl says whether all transfers succeeded. If curl printed the status of each transfer, it
# would lose a tenth of its rate.
# usage: curl_small.sh LIST COUNT
set -euo pipefail
config=$(mktemp)
trap 'rm -f "$config"' EXIT
head -n "$2" "$1" | sed 's|.*|url = "&"\noutput = /dev/null|' >"$config"
begin=$EPOCHREALTIME
curl --silent --no-progress-meter --fail --parallel --parallel-max 64 --config "$config"
end=$EPOCHREALTIME
printf '{"items":%d,"ok":%d,"seconds":%s}\n' "$2" "$2" "$(awk "BEGIN { print $end - $begin }")"
