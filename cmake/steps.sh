# Sourced by the scripts of this folder: says what is being done and how long it took.

steps_started=$SECONDS

note() { printf '%s\n' "$*"; }

# step <title> <command...>: runs the command with its output in view.
step() {
    local title=$1 begun=$SECONDS status=0
    shift
    note "==> $title"
    "$@" || status=$?
    if [ "$status" -ne 0 ]; then
        note "==> $title: failed after $((SECONDS - begun)) s (exit code $status)"
        return "$status"
    fi
    note "    done in $((SECONDS - begun)) s"
}

# quiet_step <title> <log file> <command...>: the output goes to the log file, and is shown only when the command
# fails; meanwhile a line tells how long it has been running.
quiet_step() {
    local title=$1 log=$2 begun=$SECONDS status=0 pid next
    shift 2
    mkdir -p "$(dirname "$log")"
    note "==> $title (log: $log)"
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    next=15
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.2
        if [ -t 1 ]; then
            printf '\r    %d s ' $((SECONDS - begun))
        elif [ $((SECONDS - begun)) -ge "$next" ]; then
            note "    still running after $next s"
            next=$((next + 15))
        fi
    done
    wait "$pid" || status=$?
    if [ -t 1 ]; then printf '\r'; fi
    if [ "$status" -ne 0 ]; then
        note "==> $title: failed after $((SECONDS - begun)) s (exit code $status). The end of $log:"
        tail -n 30 "$log"
        return "$status"
    fi
    note "    done in $((SECONDS - begun)) s"
}
