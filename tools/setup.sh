#!/bin/sh
# Finds a Python we support and lets it do the set-up. Options go to tools/setup.py.
cd "${0%/*}/.." || exit 2
for python in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
    if "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null; then
        exec "$python" -m tools.setup "$@"
    fi
done
echo "Nuanlin needs Python 3.11, 3.12, 3.13 or 3.14; none was found (PYTHON=/path/to/python make … names one)." >&2
exit 2
