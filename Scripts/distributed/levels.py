# SPDX-License-Identifier: MIT
# fetchpool
"""The run of Scripts/distributed/levels: starts nginx and sshd, kills processes of the run, and checks its records."""

import atexit
import collections
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import time

work, tasks = pathlib.Path(sys.argv[1]), int(sys.argv[2])
program = str(work / "bin/fetchpool")
connections = 4
seed = int(os.environ.get("LEVELS_SEED", time.time_ns() % 1_000_000))
chance = random.Random(seed)
print(f"seed {seed} (LEVELS_SEED={seed} kills in the same order)", flush=True)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


# A server that notes each request. The log is not buffered, so that its lines are there when the run ends.
web = free_port()
(work / "nginx.conf").write_text(
    f"""
pid {work}/nginx.pid; error_log {work}/nginx.log; worker_processes 1; daemon off;
events {{ worker_connections 4096; }}
http {{
    log_format short "$request_method $arg_id";
    access_log {work}/requests short;
    keepalive_requests 100000;
    server {{ listen 127.0.0.1:{web} backlog=4096; location / {{ return 200 "ok\n"; }} }}
}}
"""
)
nginx = subprocess.Popen(["nginx", "-c", str(work / "nginx.conf"), "-e", str(work / "nginx.log")])
atexit.register(nginx.terminate)

ssh_port = free_port()
for key in ("host", "user"):
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(work / key))
(work / "authorized").write_text((work / "user.pub").read_text())
(work / "known").write_text(f"[127.0.0.1]:{ssh_port} " + (work / "host.pub").read_text())
(work / "sshd").write_text(
    f"Port {ssh_port}\nListenAddress 127.0.0.1\nHostKey {work}/host\nAuthorizedKeysFile {work}/authorized\n"
    f"StrictModes no\nUsePAM no\nPidFile none\nMaxStartups 100\nMaxSessions 100\n"
)
sshd = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", str(work / "sshd"), "-E", str(work / "sshd.log")])
atexit.register(sshd.terminate)
for port in (web, ssh_port):
    for _ in range(200):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    else:
        sys.exit(f"levels: no server listens on port {port}")

with open(work / "list", "w") as lines:
    for number in range(1, tasks + 1):
        task = {"url": f"http://127.0.0.1:{web}/?id={number}", "id": number}
        if number % 20 == 0:
            task |= {"method": "POST", "body": "x"}
        lines.write(json.dumps(task) + "\n")

# Each level of child coordinators gets a start deadline of its own, so that `processes` can tell the levels
# apart. The deadlines are too long to be reached.
leaf = f"{program} --supervised --start-deadline 72s -w 1"
middle = f"{program} --supervised --start-deadline 71s -w 2 --worker '{leaf}'"
ssh = (
    f"ssh -T -p {ssh_port} -i {work}/user -oUserKnownHostsFile={work}/known -oBatchMode=yes 127.0.0.1"
)
top = [program, "-q", "-i", str(work / "list"), "-o", str(work / "records"), "-w", str(connections), "--per-host", "0"]
# Without a limit on the rate, the run would be over before enough processes have been killed.
top += ["--rate", "2000/s", "--retries", "5", "--stats", str(work / "stats"), "--worker", f"{ssh} \"{middle}\""]


def processes():
    """Returns the ids of the run's processes, by level."""
    levels = collections.defaultdict(list)
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            words = pathlib.Path(entry.path, "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        name = words[0].decode(errors="replace")
        if name == program and b"72s" in words:
            levels["leaf coordinator"].append(int(entry.name))
        elif name == program and b"71s" in words:
            levels["coordinator behind ssh"].append(int(entry.name))
        elif name == program + "-fetch":
            levels["fetch worker"].append(int(entry.name))
        elif name.endswith("ssh") and str(work).encode() + b"/user" in words:
            levels["ssh"].append(int(entry.name))
    return levels


began = time.monotonic()
coordinator = subprocess.Popen(top, stdin=subprocess.DEVNULL)
kills = collections.Counter()
next_kill = time.monotonic() + 1
while coordinator.poll() is None:
    time.sleep(max(0, next_kill - time.monotonic()))
    next_kill = max(next_kill + 0.1, time.monotonic())
    level = chance.choice(("ssh", "coordinator behind ssh", "leaf coordinator", "fetch worker"))
    try:
        os.kill(chance.choice(processes()[level] or [2**30]), signal.SIGKILL)
        kills[level] += 1
    except ProcessLookupError:
        pass
took = time.monotonic() - began
nginx.send_signal(signal.SIGQUIT)
nginx.wait()
sshd.terminate()
sshd.wait()

records = [json.loads(line) for line in open(work / "records")]
of_id = collections.Counter(record["id"] for record in records)
requests = collections.Counter(tuple(line.split()) for line in open(work / "requests"))
posts = {number for number in range(20, tasks + 1, 20)}
outcomes = collections.Counter(
    ("POST" if record["id"] in posts else "GET", record["outcome"], record.get("error", {}).get("class"))
    for record in records
)
print(f"{tasks} tasks in {took:.0f} s, exit status {coordinator.returncode}, {sum(kills.values())} kills: {dict(kills)}")
for (method, outcome, error), count in sorted(outcomes.items(), key=str):
    print(f"  {method} {outcome} {error or ''}: {count}")
print(f"  {sum(requests.values())} requests, {sum(v for (m, _), v in requests.items() if m == 'POST')} of them POST")

faults = []


def check(holds, sentence):
    if not holds:
        faults.append(sentence)


check(coordinator.returncode in (0, 1), "the run did not complete")
check(len(records) == tasks and set(of_id) == set(range(1, tasks + 1)), "some tasks do not have exactly one record")
check(max(of_id.values()) == 1, "a task has two records")
blamed = [record for record in records if record["id"] not in posts and record["outcome"] != "ok"]
check(not blamed, f"{len(blamed)} tasks are blamed, such as {blamed[:2]}")
check(
    all(record["outcome"] in ("ok", "worker_crash") for record in records),
    "a request that must not be repeated has another outcome than ok or worker_crash",
)
twice = [number for (method, number), count in requests.items() if method == "POST" and count > 1]
check(not twice, f"requests that must not be repeated were sent twice: {twice[:5]}")
unsent = [r["id"] for r in records if r["outcome"] == "ok" and not requests[("POST" if r["id"] in posts else "GET", str(r["id"]))]]
check(not unsent, f"tasks are ok without a request: {unsent[:5]}")
left = [pid for level in processes().values() for pid in level]
check(not left, f"processes are left: {left}")
check(took > 10 and sum(kills.values()) > took * 4, "too few processes were killed for the test to mean anything")
for fault in faults:
    print(f"levels: {fault}", file=sys.stderr)
sys.exit(1 if faults else 0)
