#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# fetchpool
#
# curl with 64 transfers at a time, its list in a config file as "curl --parallel" wants it.
# usage: curl_small.sh LIST COUNT
set -euo pipefail
config=$(mktemp)
codes=$(mktemp)
trap 'rm -f "$config" "$codes"' EXIT
head -n "$2" "$1" | sed 's|.*|url = "&"\noutput = /dev/null\nwrite-out = "%{http_code}\\n"|' >"$config"
begin=$EPOCHREALTIME
curl --silent --parallel --parallel-max 64 --config "$config" >"$codes"
end=$EPOCHREALTIME
printf '{"items":%d,"ok":%d,"seconds":%s}\n' "$2" "$(grep -c '^200$' "$codes")" "$(awk "BEGIN { print $end - $begin }")"
