#!/usr/bin/env bash
# Runs a real search on two ranks: with the embedded model when it is there, else on SST-2 with the model in EVOKE_DATA.
#
#   cmake/demo.sh <evoke program>
set -euo pipefail
cd "$(dirname "$0")/.."
. cmake/steps.sh
program=$1

if [ -f jobs/demo.toml ] && [ -e jobs/pocket/model/config.json ]; then
    job=jobs/demo.toml
else
    job=jobs/sst2.toml
    if [ -z "${EVOKE_DATA:-}" ]; then
        note "The embedded model is not part of this checkout. The demonstration can use SST-2 and TinyStories-656K instead:"
        note "    make demo EVOKE_DATA=<folder with tasks/ and models/>"
        exit 2
    fi
fi
step "Searching: evoke launch -n 2 $job" "$program" launch -n 2 "$job"
