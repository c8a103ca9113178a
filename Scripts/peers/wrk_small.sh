#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# fetchpool
#
# wrk on one URL: how fast the server is when the client does nothing with the responses.
# wrk has one thread: on two cores, the server has the other core. With two threads the rate is a fifth lower.
# usage: wrk_small.sh URL SECONDS
set -euo pipefail
wrk --threads 1 --connections 64 --duration "$2s" "$1" | awk '
    / requests in / { items = $1; seconds = $4; unit = seconds; sub(/^[0-9.]+/, "", unit); sub(/[^0-9.].*$/, "", seconds)
        seconds *= unit ~ /^ms/ ? 0.001 : unit ~ /^m/ ? 60 : 1 }
    /Non-2xx/ { bad += $NF }
    /Socket errors/ { gsub(/,/, ""); bad += $4 + $6 + $8 + $10 }
    END { printf "{\"items\":%d,\"ok\":%d,\"seconds\":%s}\n", items, items - bad, seconds }'
