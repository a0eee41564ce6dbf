#!/usr/bin/env bash
# Runs one fuzz target.
#
#   tests/fuzz/run.sh PROGRAM CORPUS [SECONDS]
#
# What it finds goes to a folder beside the program: new inputs that reach new code, which the next run starts from, and
# those that crash, hang or take too much memory (crash-*, timeout-*, oom-*).
set -euo pipefail

program=$1 corpus=$2 seconds=${3:-60}
if [ ! -x "$program" ]; then
    echo "$program is not built: it needs clang++ with libFuzzer (Debian: clang, libclang-rt-dev)"
    if [ "${EVOKE_NO_SKIP:-}" = 1 ]; then
        echo "EVOKE_NO_SKIP=1 forbids to skip"
        exit 1
    fi
    exit 77
fi
found=$program.found
mkdir -p "$found"
dictionary=$corpus.dict
# libFuzzer's own exit code for a finding is 77, which ctest would take for a skipped test.
# A fixed seed, so that a test run tries the same inputs on every machine of a kind; 0 takes another each time.
exec "$program" -seed="${EVOKE_FUZZ_SEED:-1}" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=512 -max_len=4096 \
    -error_exitcode=1 -timeout_exitcode=1 -print_final_stats=1 -verbosity=1 -artifact_prefix="$found/" ${dictionary:+-dict="$dictionary"} \
    "$found" "$corpus"
