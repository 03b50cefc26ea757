#!/usr/bin/env bash
# Sees to it that this machine has what the project is built with: `machine.sh python cargo node java maven chromium`.
# What is missing is taken from Debian's packages where that is possible, otherwise it says what to install.
set -euo pipefail

apt_is_fresh=""

# The line that says "version", or starts with v or a name: Java may say first which options it picked up.
version_of() { "$@" 2>&1 | grep -E '^(v|cargo)|version' | grep -oE '[0-9]+(\.[0-9]+)*' | head -n 1; }

# at_least HAVE WANT
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

has_python() {
    for name in python3.11 python3.12 python3.13 python3; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
            return 0
        fi
    done
    return 1
}
has_cargo() { command -v cargo >/dev/null && at_least "$(version_of cargo --version)" 1.85; }
has_node() { command -v npm >/dev/null && at_least "$(version_of node --version)" 20.19; }
has_java() { command -v java >/dev/null && at_least "$(version_of java -version)" 17; }
has_maven() { command -v mvn >/dev/null; }
has_chromium() { [ -x "${PLAYHEAD_CHROMIUM:-/usr/bin/chromium}" ]; }

# Not piped into grep -q, which hangs up on apt-cache: with pipefail that reads as "no candidate".
has_candidate() { [[ "$(apt-cache policy "$1" 2>/dev/null)" =~ Candidate:\ [0-9] ]]; }

packages() {
    case $1 in
        python) echo python3 python3-venv ;;
        # Debian 12 has a newer one beside its own, for its browsers.
        cargo) if has_candidate cargo-web; then echo cargo-web; else echo cargo; fi ;;
        node) echo nodejs npm ;;
        java) echo default-jre-headless ;;
        maven) echo maven ;;
        chromium) echo chromium ;;
    esac
}

wanted() {
    case $1 in
        python) echo "Python 3.11, 3.12 or 3.13 with its venv module" ;;
        cargo) echo "Rust 1.85 or newer with cargo" ;;
        node) echo "Node 20.19 or newer with npm" ;;
        java) echo "Java 17 or newer" ;;
        maven) echo "Apache Maven 3" ;;
        chromium) echo "Chromium (or set PLAYHEAD_CHROMIUM to one)" ;;
    esac
}

install() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        return 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    if [ -z "$apt_is_fresh" ]; then
        apt-get update -qq
        apt_is_fresh=1
    fi
    echo "==> $(wanted "$1") is missing: apt-get install $(packages "$1")"
    # A distribution's nodejs may bring its npm along or have it apart: what has no candidate is left out.
    local found=()
    for package in $(packages "$1"); do
        if has_candidate "$package"; then
            found+=("$package")
        fi
    done
    [ ${#found[@]} -gt 0 ] && apt-get install -y -qq --no-install-recommends "${found[@]}" >/dev/null
}

missing=0
for tool in "$@"; do
    if "has_$tool"; then
        continue
    fi
    install "$tool" || true
    if ! "has_$tool"; then
        echo "This needs $(wanted "$tool"). On Debian: apt-get install $(packages "$tool")" >&2
        missing=1
    fi
done
exit $missing
