# What the benchmarks share: the release build, tools, a place to work, turns, and figures.
# Sourced by tests/bench and those in tests/benches, from the top of the repository.
# shellcheck shell=bash
export LC_ALL=C

# NAME=PACKAGE...: installs with apt, as root or with sudo, the packages of programs that
# are missing.
needs() {
  local one missing=() root=()
  for one in "$@"; do
    command -v "${one%%=*}" >/dev/null || missing+=("${one#*=}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  "${root[@]}" apt-get -qq update
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y install --no-install-recommends "${missing[@]}" >/dev/null
}

least() { sort -g "$work/$1" | head -n 1; }
median() { sort -g "$work/$1" | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)] }'; }
ms() { awk -v s="$1" 'BEGIN { printf "%.1f", s * 1000 }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
memory() { # COMMAND...: the most that was resident, in MiB
  /usr/bin/time -o "$work/rss" -f %M "$@" >/dev/null 2>&1
  awk '{ printf "%.1f", $1 / 1024 }' "$work/rss"
}
machine() { printf '%s processors, load %s\n' "$(nproc)" "$(cut -d' ' -f1-3 /proc/loadavg)"; }

# Runs commands in turns, and keeps the seconds that each run took in $work/NAME.
# Names and commands alternate; a command is split into words, and no shell runs it. The
# one with the name "bare" sees a machine that trusts nobody. They must succeed, unless
# $ignore_failure is set.
take_turns() { # ROUNDS RUNS NAME COMMAND [NAME COMMAND]...
  local rounds=$1 runs=$2 round at surroundings
  shift 2
  for ((round = 0; round < rounds; round++)); do
    for ((at = 1; at < $#; at += 2)); do
      surroundings=()
      [ "${!at}" != bare ] || surroundings=(SSL_CERT_FILE=/dev/null)
      env "${surroundings[@]}" hyperfine -N ${ignore_failure:+-i} --style none -w 1 -r "$runs" \
        --export-json "$work/json" "${@:at+1:1}" >/dev/null 2>&1
      sed -n '/"times"/,/]/s/^ *\([0-9][0-9.e-]*\),\{0,1\}$/\1/p' "$work/json" >>"$work/${!at}"
    done
  done
}
