#!/usr/bin/env bash
# A whole Slurm on this machine, for as long as a command runs:
#
#   scripts/slurm_on_loopback.sh snakemake --workflow-profile profiles/slurm all
#
# One controller and one node with all cores and two pretended GPUs, on free ports of the loopback
# interface, with its own keys, state and logs in a temporary folder. The command finds it by SLURM_CONF.
# When the command ends, or this script is stopped, jobs are cancelled, what was started here is stopped by
# its process ids, and the folder is removed (KEEP_LOGS=1 leaves it). Exits as the command did, or with 69
# when Slurm is neither installed nor installable: Debian's and Ubuntu's packages are, by root.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: $0 COMMAND [ARGUMENTS]" >&2; exit 64; }
PATH="$PATH:/usr/sbin:/sbin"

install() {
    local missing=()
    command -v slurmctld > /dev/null || missing+=(slurmctld)
    command -v slurmd > /dev/null || missing+=(slurmd)
    command -v sbatch > /dev/null || missing+=(slurm-client)
    command -v munged > /dev/null || missing+=(munge)
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
        echo "$0: ${missing[*]} must be installed, which here needs apt-get and root" >&2
        return 69
    fi
    # Packages start their daemons; these are not wanted.
    { apt-get update -qq \
        && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
    } > "$folder/apt.log" 2>&1 || { tail -n 5 "$folder/apt.log" >&2; return 69; }
}

started=()
start() {  # NAME COMMAND...: in the background, its output in NAME.log
    local name=$1
    shift
    "$@" > "$folder/$name.log" 2>&1 &
    started+=($!)
}

wait_until() {  # SECONDS COMMAND...
    local left=$(($1 * 5))
    shift
    until "$@" > /dev/null 2>&1; do
        left=$((left - 1))
        [ $left -gt 0 ] || return 1
        sleep 0.2
    done
}

no_jobs() { [ -z "$(squeue --noheader)" ]; }
node_is_idle() { sinfo --noheader --format=%t | grep -qx idle; }

stop_from() {  # NUMBER: what was started, the last one first, down to this
    local number
    for ((number = ${#started[@]} - 1; number >= $1; number--)); do
        kill "${started[number]}" 2> /dev/null || true
        wait "${started[number]}" 2> /dev/null || true
        unset "started[number]"
    done
}

stop() {
    local status=$?
    trap - EXIT
    trap '' INT TERM HUP
    if [ ${#started[@]} -gt 3 ]; then
        stop_from 3
        scancel --quiet --user "$(id -un)" || true
        wait_until 30 no_jobs || echo "$0: jobs would not end" >&2
    fi
    stop_from 0
    if [ -n "${KEEP_LOGS:-}" ]; then
        echo "$0: logs are in $folder" >&2
    else
        rm -rf "$folder"
    fi
    exit $status
}

folder=$(mktemp --directory --tmpdir slurm.XXXXXX)
chmod 755 "$folder"
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
install

host=$(hostname -s)
user=$(id -un)
read -r controller_port node_port < <(python3 - <<'PYTHON'
import socket
ends = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(end.getsockname()[1] for end in ends))
PYTHON
)
mkdir "$folder"/{state,spool}
(umask 077 && head -c 128 /dev/urandom > "$folder/munge.key")
cat > "$folder/gres.conf" <<CONF
NodeName=$host Name=gpu File=$folder/gpu[0-1]
CONF
touch "$folder"/gpu{0,1}
cat > "$folder/slurm.conf" <<CONF
ClusterName=loopback
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$controller_port
SlurmdPort=$node_port
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=2
ReturnToService=2
KillWait=5
MinJobAge=86400
MpiDefault=none
GresTypes=gpu
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$(free --mebi | awk '/^Mem:/ {print $2 - 500}') Gres=gpu:2 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$folder/slurm.conf"
# Snakemake's jobs drop the variable before they call srun, which elsewhere finds /etc/slurm.
srun=$(command -v srun)
mkdir "$folder/bin"
printf '#!/bin/sh\nSLURM_CONF=%s exec %s "$@"\n' "$SLURM_CONF" "$srun" > "$folder/bin/srun"
chmod +x "$folder/bin/srun"
export PATH="$folder/bin:$PATH"

start munged munged --foreground --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" \
    --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" --seed-file="$folder/munge.seed"
wait_until 10 test -S "$folder/munge.socket"
start slurmctld slurmctld -D -f "$SLURM_CONF"
start slurmd slurmd -D -f "$SLURM_CONF"
if ! wait_until 30 node_is_idle; then
    echo "$0: the node did not come up" >&2
    tail -n 5 "$folder"/*.log >&2
    exit 69
fi
# In the background, so that a signal stops the script while the command runs.
"$@" <&0 &
started+=($!)
wait "${started[3]}"
