#!/bin/sh
# Prints the Python to build the environments with. A user may force one: make run PYTHON=python3.13
set -u
newest="3.14"
supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))'
complete='import ensurepip, ssl, venv'

candidates() {
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
        command -v "$name"
    done
    for version in 3.13 3.12 3.11 3.14; do
        for python in "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python; do
            echo "$python"
        done
    done
}

# A Python that can make an environment by itself comes first; one without ensurepip needs a Debian package more.
for needs in "$supported; $complete" "$supported"; do
    for python in $(candidates); do
        if "$python" -c "$needs" >/dev/null 2>&1; then
            echo "$python"
            exit 0
        fi
    done
done

found=$(python3 --version 2>/dev/null || echo "no python3")
cat >&2 <<END
AQE Desktop needs Python 3.11, 3.12, 3.13 or $newest; found: $found.
Get one, then run make again:
  Debian 12 or newer, Ubuntu 24.04 or newer:  sudo apt-get install python3 python3-venv
  any system with pyenv:                      pyenv install 3.13
END
exit 1
