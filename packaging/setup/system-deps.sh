#!/bin/sh
# Installs what pip cannot bring, from the lists in debian/: system-deps.sh run | test | parts
set -eu
here=$(dirname "$0")
packages=$(grep -hv '^#' "$here/debian/run.txt")
if [ "${1:-run}" != run ]; then
    packages="$packages $(grep -v '^#' "$here/debian/$1.txt")"
fi

if ! command -v apt-get >/dev/null; then
    echo "This is no Debian or Ubuntu. Install the packages that hold what the following Debian packages hold:" >&2
    echo "$packages" >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "Installing system packages needs root. Run: sudo make system-deps${1:+-$1}" | sed 's/-run$//' >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get -qq -o DPkg::Lock::Timeout=120 update
# shellcheck disable=SC2086 - a list of packages
apt-get -qq -o DPkg::Lock::Timeout=120 install --yes --no-install-recommends $packages >/dev/null
