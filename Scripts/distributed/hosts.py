# SPDX-License-Identifier: MIT
# fetchpool
"""The test runs of Scripts/distributed/hosts.

This script, the coordinator and the web server share one network namespace.
"""

import collections
import datetime
import http.server
import json
import os
import pathlib
import socket
import socketserver
import subprocess
import sys
import threading
import time
import urllib.parse

work, mark = pathlib.Path(sys.argv[1]), sys.argv[2]
program = str(work / "bin/fetchpool")
machines = {"one": "10.77.1.2", "two": "10.77.2.2"}


def step(text):
    print(f"== hosts: {text}", flush=True)


def check(holds, sentence):
    if not holds:
        sys.exit(f"hosts: {sentence}")


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """A web server that notes each request, and the largest number of requests at the same time."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self):
        super().__init__(("0.0.0.0", 0), Page)
        self.lock = threading.Lock()
        self.reset()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def reset(self):
        with self.lock:
            self.seen, self.running, self.most = [], 0, 0

    def handle_error(self, request, address):
        pass  # Errors are expected here: a machine is cut off during a run.


class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self):
        path = urllib.parse.urlsplit(self.path)
        server = self.server
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with server.lock:
            server.running += 1
            server.most = max(server.most, server.running)
            number = path.query.removeprefix("id=")
            server.seen.append((time.monotonic(), self.command, number, self.client_address[0]))
            is_first = len(server.seen) == 1
        busy = path.path == "/busy" and is_first
        time.sleep(0.02)
        with server.lock:
            server.running -= 1
        self.send_response(429 if busy else 200)
        if busy:
            self.send_header("Retry-After", "3")
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    do_GET = do_POST = reply

    def log_message(self, *_):
        pass


def inside(place, *words, **options):
    return subprocess.Popen(["ip", "netns", "exec", mark + place, *words], **options)


def start_machines():
    for key in ("host", "user"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", work / key], check=True, stdout=subprocess.DEVNULL
        )
    (work / "authorized").write_text((work / "user.pub").read_text())
    known = ""
    for place, address in machines.items():
        known += f"{address} " + (work / "host.pub").read_text()
        (work / f"sshd-{place}").write_text(
            f"ListenAddress {address}\nHostKey {work}/host\nAuthorizedKeysFile {work}/authorized\n"
            f"StrictModes no\nUsePAM no\nPidFile none\n"
        )
        inside(place, "/usr/sbin/sshd", "-D", "-f", str(work / f"sshd-{place}"), "-E", str(work / f"log-{place}"))
    (work / "known").write_text(known)
    for address in machines.values():
        for _ in range(200):
            with socket.socket() as one:
                one.settimeout(1)
                if one.connect_ex((address, 22)) == 0:
                    break
            time.sleep(0.05)
        else:
            sys.exit("hosts: an sshd does not listen")


def write_hosts(*lines):
    (work / "hosts").write_text("# the machines of the test\n" + "\n".join(lines) + "\n")
    return work / "hosts"


ssh = f"ssh -T -i {work}/user -oUserKnownHostsFile={work}/known -oBatchMode=yes -oConnectTimeout=5"
both = [f"2 {machines['one']} {program}", f"2/{machines['two']} {program}"]


def fetchpool(tasks, *options, hosts=both, name="records"):
    (work / "list").write_text("".join(json.dumps(task) + "\n" for task in tasks))
    (work / name).unlink(missing_ok=True)
    words = [program, "-q", "-i", work / "list", "-o", work / name, "-c", "8", *options]
    if hosts is not None:
        words += ["--hosts", write_hosts(*hosts), "--ssh", ssh]
    return subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def records(name="records"):
    return [json.loads(line) for line in open(work / name)]


def tasks_of(count, path="/page", host="10.77.1.1", post=20):
    made = []
    for number in range(1, count + 1):
        task = {"url": f"http://{host}:{port}{path}?id={number}", "id": number}
        if post and number % post == 0:
            task |= {"method": "POST", "body": "x"}
        made.append(task)
    return made


def programs_in(place):
    """Returns the process ids of fetchpool's programs on a machine."""
    found = []
    names = subprocess.run(["ip", "netns", "pids", mark + place], capture_output=True, text=True).stdout
    for process in names.split():
        try:
            first = pathlib.Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")[0].decode()
        except OSError:
            continue
        if first.startswith(str(work / "bin")):
            found.append(process)
    return found


def stamp(record):
    """Returns the time of a record, in seconds since 1970."""
    return datetime.datetime.fromisoformat(record["fetched_at"].replace("Z", "+00:00")).timestamp()


def link(state):
    subprocess.run(["ip", "link", "set", "totwo", state], check=True)
    if state == "up":
        # An address is kept when its link goes down, but its route is not.
        subprocess.run(["ip", "route", "replace", "10.77.2.0/24", "dev", "totwo", "src", "10.77.2.1"], check=True)


start_machines()
server = Server()
port = server.server_address[1]

step("two machines share the work, and the limit of a host applies to both machines together")
run = fetchpool(tasks_of(2000), "--per-host", "6")
check(run.wait() == 0, f"the run ended with {run.returncode}: {run.stderr.read()}")
done = records()
labels = collections.Counter(record["worker"]["host"] for record in done)
check(sorted(record["id"] for record in done) == list(range(1, 2001)), "some tasks do not have exactly one record")
check(set(labels) == set(machines.values()), f"the records name other machines: {labels}")
check(min(labels.values()) > 200, f"one machine did nearly all: {labels}")
check(server.most <= 6, f"{server.most} requests at once, and --per-host is 6")
check({address for _, _, _, address in server.seen} == set(machines.values()), "the requests came from elsewhere")
check(len(server.seen) == 2000, f"{len(server.seen)} requests for 2000 tasks")

step("if one machine gets a Retry-After, both machines obey it")
server.reset()
run = fetchpool(tasks_of(30, "/busy", post=0), "--per-host", "1")
check(run.wait() == 0, f"the run ended with {run.returncode}: {run.stderr.read()}")
times = [moment for moment, _, _, _ in server.seen]
check(len(times) == 31, f"{len(times)} requests for 30 tasks and one retry")
check(times[1] - times[0] >= 2.9, f"the next request came after {times[1] - times[0]:.1f} s, and Retry-After was 3 s")

step("processing on the machines")
run = fetchpool(
    [{"url": "data:text/html,<a href=x>x</a>"}, {"url": f"http://10.77.1.1:{port}/task/crash"}],
    "-x", f"{work}/bin/fixture-processor --supervised", "--crash-retries", "0",
)
check(run.wait() in (0, 1), f"the run ended with {run.returncode}: {run.stderr.read()}")
check(all(record["processor"]["name"] == "fixture-processor" for record in records()), "no processor in the records")

step("a fetch worker over ssh, without a coordinator there")
server.reset()
fetcher = f"{ssh} {machines['one']} {program}-fetch --supervised"
run = fetchpool(tasks_of(400, post=4), "-w", "2", "--worker", fetcher, hosts=None)
check(run.wait() == 0, f"the run ended with {run.returncode}: {run.stderr.read()}")
check(len(server.seen) == 400, f"{len(server.seen)} requests for 400 tasks")

step("one machine is cut off, and comes back")
server.reset()
count = 12_000
run = fetchpool(tasks_of(count), "--per-host", "0", "--retries", "5")
time.sleep(4)
link("down")
cut = time.time()
cut_moment = time.monotonic()
alive = programs_in("two")
check(alive, "no program of fetchpool runs on the machine that is cut off")
while programs_in("two"):
    check(time.time() - cut < 40, "programs still run 40 s after their machine was cut off")
    time.sleep(0.5)
print(f"   its {len(alive)} programs have ended {time.time() - cut:.0f} s after the cut", flush=True)
check(run.poll() is None, "the run was over before the machine came back; the test needs more tasks")
link("up")
up = time.time()
check(run.wait() in (0, 1), f"the run ended with {run.returncode}: {run.stderr.read()}")
done = records()
of_id = collections.Counter(record["id"] for record in done)
check(len(of_id) == count and max(of_id.values()) == 1, "some tasks do not have exactly one record")
bad = [record for record in done if record["outcome"] != "ok"]
check(all(record.get("method") == "POST" and record["outcome"] == "worker_crash" for record in bad),
      f"records failed in another way than a POST with worker_crash: {bad[:2]}")
posts = collections.Counter(number for _, method, number, _ in server.seen if method == "POST")
twice = [number for number, times in posts.items() if times > 1]
check(not twice, f"requests that must not be repeated were sent twice: {twice[:5]}")
between = [r for r in done if r["outcome"] == "ok" and cut + 1 < stamp(r) < up and r["worker"]["host"] == machines["two"]]
check(not between, "records come from the machine while it is cut off")
silence = [m for m, _, _, _ in server.seen if cut_moment + 7 < m < cut_moment + 12]
check(silence, "the other machine does not go on")
again = sum(r["worker"]["host"] == machines["two"] and stamp(r) > up for r in done if r["outcome"] == "ok")
check(again > 0, "the machine that came back gets no work")
print(f"   {count} tasks; {len(bad)} POST requests whose outcome is unknown; {again} records of the machine after its return", flush=True)

step("bad set-ups")


def refused(hosts, status, *texts, options=()):
    run = fetchpool(tasks_of(3), *options, hosts=hosts)
    said = run.communicate(timeout=120)[1]
    check(run.returncode == status, f"{hosts}: status {run.returncode}, not {status}: {said}")
    for text in texts:
        check(text in said, f"{hosts}: '{text}' is not in: {said}")


refused(["2 no-such-machine.invalid"], 4, "no-such-machine.invalid", "resolve hostname")
refused([f"2 {machines['one']}"], 4, machines["one"], "not found", "give its path after the machine")
refused([f"2 {machines['one']} {work}/other"], 4, "127")
other = work / "other"
other.write_text(
    "#!/bin/sh\necho '{\"t\":\"hello\",\"v\":1,\"name\":\"fetchpool\",\"program_version\":\"9.9.9\",\"concurrency\":4}'\nexec cat >/dev/null\n"
)
other.chmod(0o755)
version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.split()[-1]
refused([f"2 {machines['one']} {other}"], 4, "9.9.9", version)
refused(["0 somewhere"], 2, "line 2", "1 to 1024")
refused(["-oProxyCommand=x"], 2, "line 2")
refused(["2 a b c"], 2, "line 2", "'c'")
refused([], 2, "names no machine")

step("the other machine does the work if one cannot")
run = fetchpool(tasks_of(200, post=0), hosts=["2 no-such-machine.invalid", both[0]])
check(run.wait() == 0, f"the run ended with {run.returncode}: {run.stderr.read()}")
check({record["worker"]["host"] for record in records()} == {machines["one"]}, "other machines are named")
