#!/usr/bin/env bash
# cmake/step.sh <title> <command...>: runs the command, says what it is and how long it took.
set -euo pipefail
. "$(dirname "$0")/steps.sh"
step "$@"
