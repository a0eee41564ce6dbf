#!/usr/bin/env bash
# Sets up what Evoke is built, run and tested with; quick when nothing is missing.
#
#   cmake/setup.sh [build|test|bench]
#
# build: Debian packages and a virtual environment in .venv with libtorch. test: also what the tests need (default).
# bench: also the libraries that the benchmarks hold Evoke against. Elsewhere than on Debian, the packages are yours to
# provide.
set -euo pipefail
cd "$(dirname "$0")/.."
. cmake/steps.sh

level=${1:-test}
case $level in
    build) parts=("") ;;
    test) parts=("" -test) ;;
    bench) parts=("" -test -bench) ;;
    *)
        note "cmake/setup.sh: expected build, test or bench, found '$level'"
        exit 2
        ;;
esac
logs=build/setup
venv=.venv

missing_packages() {
    local part package installed
    installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
    for part in "${parts[@]}"; do
        if [ ! -e "cmake/debian-packages$part.txt" ]; then continue; fi
        sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "cmake/debian-packages$part.txt"
    done | while read -r package; do
        grep -qxF "$package" <<<"$installed" || printf '%s\n' "$package"
    done
}

# The command that makes a person root: nothing, sudo, or none (exit code 1).
root_command() {
    if [ "$(id -u)" -eq 0 ]; then
        printf 'env'
    elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        printf 'sudo'
    else
        return 1
    fi
}

setup_packages() {
    local missing root
    if ! command -v dpkg-query >/dev/null; then
        note "No Debian packages here: CMake will look for the libraries itself (see "The build" in docs/architecture.md)."
        return
    fi
    mapfile -t missing < <(missing_packages)
    if [ "${#missing[@]}" -eq 0 ]; then return; fi
    note "Missing Debian packages: ${missing[*]}"
    if ! root=$(root_command); then
        note "They need root, and neither root nor sudo is at hand. Ask an administrator to run:"
        note "    apt-get update && apt-get install ${missing[*]}"
        note "and then run this again."
        exit 5
    fi
    if [ "$root" = sudo ]; then sudo -v; fi
    quiet_step "Refreshing the package lists" "$logs/apt-update.log" "$root" apt-get update
    quiet_step "Installing ${#missing[@]} Debian packages" "$logs/apt-install.log" \
        "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

setup_python() {
    local part stamp wanted files=() python=python3
    for part in "${parts[@]}"; do files+=("cmake/requirements$part.txt"); done
    stamp=$venv/evoke-$level.stamp
    wanted=$(sha256sum "${files[@]}" analysis/pyproject.toml)
    if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi

    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        if [ -x /usr/bin/python3 ]; then python=/usr/bin/python3; fi
        rm -rf "$venv"
        quiet_step "Making the virtual environment $venv" "$logs/venv.log" "$python" -m venv "$venv"
    fi
    quiet_step "Installing Python packages for '$level' (torch alone is 2 GB to download)" "$logs/pip-$level.log" \
        "$venv/bin/python" -m pip install --disable-pip-version-check --progress-bar off \
        "${files[@]/#/--requirement=}" --editable ./analysis
    printf '%s\n' "$wanted" >"$stamp"
}

setup_packages
setup_python
if [ $((SECONDS - steps_started)) -gt 0 ]; then note "Set-up for '$level' complete after $((SECONDS - steps_started)) s."; fi
