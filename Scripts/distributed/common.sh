# SPDX-License-Identifier: MIT
# fetchpool
#
# The functions that the parts of Scripts/test-distributed share. Each part changes to the root of the sources, sets `name`,
# and reads this file.

step() { printf '== %s: %s\n' "$name" "$*"; }
fail() { printf 'test-distributed: %s: %s\n' "$name" "$*" >&2; exit 1; }

needs_root() {
    [ "$(id -u)" -eq 0 ] || fail "it makes system folders, network namespaces or services of its own; run it as root"
    command -v apt-get >/dev/null || fail "what it needs comes from Debian's packages; run this on Debian or Ubuntu"
}

# Makes the archive, and sets `bin` to the folder with its programs, which need no Swift and no other folder.
use_package() {
    local archive
    archive=$(Scripts/package)
    bin=$PWD/.build/package/$(basename "$archive" .tar.gz)/bin
    [ -x "$bin/fetchpool" ] || fail "$archive has no program fetchpool"
}
