#!/usr/bin/env bash
# Makes the project's Python environment: `python.sh VENV`. Everything in it is pinned and checked by its hash.
set -euo pipefail

venv=$1

if ! "$venv/bin/python" -c '' 2>/dev/null; then
    for name in python3.11 python3.12 python3.13 python3; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
            "$name" -m venv --clear "$venv"
            break
        fi
    done
fi
# The lock is complete, so nothing is left to resolve. Most modules are never imported: compile those that are.
"$venv/bin/python" -m pip install --quiet --no-compile --no-deps --require-hashes --requirement requirements/dev.txt
"$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
