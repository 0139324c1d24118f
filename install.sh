#!/usr/bin/env bash
# Puts everything that Parloir needs in place: Debian packages (as root, where one is missing),
# Python packages into .venv, a private Asterisk 22 and the prompts into the cache. May be run
# again: what is there stays.
set -euo pipefail
cd "$(dirname "$0")"

say() { echo "install: $*"; }
fail() { echo "install: $*" >&2; exit 1; }

packages=(mmdebstrap postgresql redis-server sip-tester sox espeak-ng)
# For the statements as PDF.
packages+=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core)
present() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

if ! command -v python3 >/dev/null; then packages+=(python3); fi
if ! python3 -c 'import ensurepip' 2>/dev/null; then packages+=(python3-venv); fi
missing=()
for package in "${packages[@]}"; do present "$package" || missing+=("$package"); done
if [ "${#missing[@]}" -gt 0 ]; then
    [ "$(id -u)" = 0 ] ||
        fail "these Debian packages are missing: ${missing[*]} (as root: apt-get install ${missing[*]})"
    say "Debian packages: ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
fi

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or newer is needed, this is $(python3 --version)"
stamp=.venv/installed
if [ ! -e "$stamp" ] || [ setup.cfg -nt "$stamp" ]; then
    say "Python packages into .venv"
    [ -x .venv/bin/python ] || python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --no-compile --disable-pip-version-check -e '.[prompts,test]'
    touch "$stamp"
fi

.venv/bin/parloir prepare
