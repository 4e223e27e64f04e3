# Sourced by deploy/run and deploy/test: system packages, in one place.

say() { printf '\n== %s\n' "$*" >&2; }
fail() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

# Headers that the build needs: curl (outgoing requests), xml2, xmlsec1 and ssl (SAML), sqlite3 (the
# store), toml++ (the configuration file).
build_packages="pkg-config libcurl4-openssl-dev libxml2-dev libxmlsec1-dev libssl-dev libsqlite3-dev libtomlplusplus-dev"

# need_packages NAME…: installs those Debian packages that are missing.
need_packages() {
    command -v dpkg-query >/dev/null || fail "This script installs Debian packages. On another system install the equivalents of: $*"
    local missing=""
    for name in "$@"; do
        dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing="$missing $name"
    done
    [ -z "$missing" ] && return 0
    local as_root=""
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null && sudo -n true 2>/dev/null && as_root="sudo -n" ||
            fail "These system packages are missing:$missing
Install them and start again:  sudo apt-get install$missing"
    fi
    say "Installing system packages:$missing"
    local log
    log=$(mktemp)
    # shellcheck disable=SC2086
    if ! { $as_root apt-get update && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
        tail -5 "$log" >&2
        fail "The packages could not be installed (is there a network?). The whole log: $log
They are:$missing"
    fi
    rm -f "$log"
}

need_swift() {
    command -v swift >/dev/null || fail "Swift 6.3 or newer is needed, and 'swift' is not on the PATH. See https://www.swift.org/install/"
}
