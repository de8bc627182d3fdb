#!/usr/bin/env python3
"""The demo network, seen from both sides: what its servers wrote into their
own logs must be what the records say.

A network of its own is brought up, every client does everything
once, and two observers sit on the mirror port: tcpdump, whose capture
`nightjar read` reads, and `nightjar run` as it would run on an appliance.
Needs root, the packages of group demo, and tcpdump; says in one line why it
skips.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SKIP = 77
ROOT = pathlib.Path(__file__).resolve().parents[2]
NETWORK = ROOT / "config/demo/network"
# Not that of another test that runs at the same time.
PREFIX = f"t{os.getpid() % 10**7}"
STATE = pathlib.Path("/run/nightjar-demo") / PREFIX
MARK = "the last words of this test"
LIVE = """capture:
  ports: [{ interface: PORT }]
  workers: 1
  memory_mb: 64
flow: { table_max: 65536 }
dissect: { memory_mb: 64 }
"""
Count = collections.Counter
failures = 0


def check(what, left, right):
    """Both must be equal; what is only on one side is shown."""
    global failures
    if left == right:
        size = sum(left.values()) if isinstance(left, Count) else left
        print(f"ok      {what}: {size}")
        return
    failures += 1
    if isinstance(left, Count):
        left, right = left - right, right - left
    print(f"FAILED  {what}: servers say {left!r}, records say {right!r}")


def network(action, *args):
    done = subprocess.run([NETWORK, action, "--prefix", PREFIX, *args],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode:
        raise RuntimeError(f"network {action}: {done.stdout}")


def await_that(what, truth, patience_s=20):
    end = time.monotonic() + patience_s
    while not truth():
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {patience_s} s")
        time.sleep(0.05)


def holds(path, text):
    return path.exists() and text in path.read_bytes()


def lines(name):
    return (STATE / name).read_text(errors="replace").splitlines()


def load(folder, kind):
    path = folder / f"{kind}.log"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]


def captures(program, data):
    done = subprocess.run([program, "status", "--json", "--data", data],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if done.returncode:
        return False
    said = json.loads(done.stdout)
    # Both lists are empty as long as the sensor has not got that far.
    return ([p["state"] for p in said["ports"]] == ["open"]
            and [w["state"] for w in said["workers"]] == ["running"])


def client(address):
    """Who has it: by its lease, or as the network gave it out."""
    for line in lines("dnsmasq/leases"):
        words = line.split()
        if words[2] == address:
            return words[3]
    return f"c{int(address.rpartition(':')[2], 16) - 0xff}"


# ---- Both observers ----

def observe(program, folder):
    """Runs the network once through. Gives the folders of records: read's
    and run's."""
    capture, live = folder / "capture.pcap", folder / "live"
    conf = folder / "live.yaml"
    conf.write_text(LIVE.replace("PORT", f"{PREFIX}-mirror"))
    network("up")
    dump = subprocess.Popen(
        ["tcpdump", "-i", f"{PREFIX}-mirror", "-U", "--immediate-mode", "-B",
         "16384", "-w", capture], stderr=subprocess.DEVNULL)
    run = subprocess.Popen([program, "run", "-c", conf, "--data", live],
                           stderr=open(folder / "run.err", "w"))
    try:
        await_that("tcpdump", capture.exists)
        await_that("nightjar run", lambda: captures(program, live))
        network("traffic", "--rounds", "1", "--rate", "20", "--seed", "7")
        # What came before the last words has been seen when they have been.
        subprocess.run(["ip", "netns", "exec", f"{PREFIX}-c1", "logger",
                        "--server", "10.77.0.2", "--udp", "--port", "514",
                        "--rfc3164", "-t", "test", MARK], check=True)
        mark = MARK.encode()
        await_that("tcpdump", lambda: holds(capture, mark))
        await_that("nightjar run", lambda: holds(
            live / "logs/syslog.log", mark))
        await_that("exim", lambda: count_mail("=>") == count_mail("<="))
    finally:
        dump.send_signal(signal.SIGINT)
        run.send_signal(signal.SIGTERM)
        dump.wait(20)
        run.wait(30)
    out = folder / "read"
    done = subprocess.run([program, "read", "--stats", "-o", out, capture],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=True)
    check("packets unaccounted for", 0,
          int(re.search(r'"unaccounted":(\d+)', done.stdout)[1]))
    return out, live / "logs"


def count_mail(arrow):
    return sum(f" {arrow} " in line for line in lines("exim/log/mainlog"))


# ---- Servers against records ----

def check_http(logs):
    access = [json.loads(line) for line in lines("nginx/access.log")]
    check("http: method, host, uri, status, port",
          Count((a["method"], a["host"], a["uri"], a["status"], a["port"])
                for a in access if a["scheme"] == "http"),
          Count((r["method"], r["host"], r["uri"], r["status_code"],
                 r["id.orig_p"]) for r in load(logs, "http")))
    names = {"TLSv1.2": "TLSv12", "TLSv1.3": "TLSv13"}
    seen = {r["id.orig_p"]: r for r in load(logs, "ssl")}
    https = [a for a in access if a["scheme"] == "https"]
    check("ssl: version and server name of each https request",
          Count((a["port"], names[a["tls"]], a["host"], True) for a in https),
          Count((p, seen[p]["version"], seen[p]["server_name"],
                 seen[p]["established"])
                for p in (a["port"] for a in https) if p in seen))


def check_dns(logs):
    asked = Count()
    for line in lines("dnsmasq/log"):
        match = re.search(r" (\S+)/(\d+) query\[(\w+)\] (\S+) from", line)
        if match:
            asked[match[1], int(match[2]), match[3], match[4].lower()] += 1
    answered = [r for r in load(logs, "dns")
                if r["id.resp_h"] in ("10.77.0.2", "fd77::2")]
    check("dns: client, port, type, name", asked,
          Count((r["id.orig_h"], r["id.orig_p"], r["qtype_name"],
                 r["query"].lower()) for r in answered))
    nothing = sum("NXDOMAIN" in line for line in lines("dnsmasq/log"))
    check("dns: NXDOMAIN", nothing,
          sum(r.get("rcode_name") == "NXDOMAIN" for r in answered))


def check_dhcp(logs, before):
    """The network's first leases were given before anybody observed."""
    given = Count(m[1] for m in (re.search(r"DHCP([A-Z]+)\(eth0\)", line)
                                 for line in lines("dnsmasq/log")) if m)
    check("dhcp: messages by type", given - before,
          Count(t for r in load(logs, "dhcp") for t in r["msg_types"]))


def check_ssh(logs):
    told = Count()
    for line in lines("sshd.out"):
        match = re.search(r"Accepted publickey for alice from (\S+) port "
                          r"(\d+)", line)
        if match:
            told[match[1], int(match[2]), True] += 1
        match = re.search(r"authenticating user alice (\S+) port (\d+) "
                          r"\[preauth\]", line)
        if match:
            told[match[1], int(match[2]), False] += 1
    check("ssh: client, port, login succeeded", told,
          Count((r["id.orig_h"], r["id.orig_p"], r.get("auth_success"))
                for r in load(logs, "ssh")))


def check_ftp(logs):
    commands, replies = Count(), Count()
    for line in lines("vsftpd/log"):
        match = re.search(r'FTP command: Client "([^"]+)", "(\w+)', line)
        if match:
            commands[match[1].removeprefix("::ffff:"), match[2]] += 1
        if 'FTP response: ' in line and '"530 Login incorrect.' in line:
            replies[530] += 1
    records = load(logs, "ftp")
    check("ftp: client, command", commands,
          Count((r["id.orig_h"], r["command"]) for r in records
                if r.get("command", "<init>") != "<init>"))
    check("ftp: wrong passwords", replies,
          Count(r["reply_code"] for r in records
                if r.get("reply_code") == 530 and r["command"] == "PASS"))


def check_smtp(logs):
    mails, unknown = Count(), Count()
    for line in lines("exim/log/mainlog"):
        match = re.search(r" <= (\S+) .* P=(esmtps?)\b.* id=(\S+)", line)
        # Behind STARTTLS nobody but the two ends sees the mail.
        if match and match[2] == "esmtp":
            mails[match[1], f"<{match[3]}>"] += 1
        match = re.search(r"rejected RCPT <([^>]+)>", line)
        if match:
            unknown[match[1]] += 1
    tls = sum("P=esmtps" in line for line in lines("exim/log/mainlog"))
    records = load(logs, "smtp")
    check("smtp: sender, message id", mails,
          Count((r["mailfrom"], r["msg_id"]) for r in records
                if "msg_id" in r))
    check("smtp: recipients who got nothing", unknown, Count(
        r["rcptto"][0] for r in records
        if r.get("rcptto") and "msg_id" not in r))
    check("smtp: sessions that went on in TLS", tls,
          sum(bool(r["tls"]) for r in records))
    check("files: pictures attached", sum(mails.values()),
          sum(r.get("source") == "SMTP" and r.get("mime_type") == "image/png"
              for r in load(logs, "files")))


def check_syslog(logs):
    check("syslog: messages",
          Count(line.split(": ", 1)[1] for line in lines("rsyslog/messages")
                if re.search(r" (c\d|test): ", line)),
          Count(r["message"].split(": ", 1)[1] for r in load(logs, "syslog")))


def check_rest(logs):
    ntp = Count((r["id.orig_h"], r["id.orig_p"], r["mode"])
                for r in load(logs, "ntp"))
    asked = Count({k[:2]: n for k, n in ntp.items() if k[2] == 3})
    check("ntp: requests and answers", asked,
          Count({k[:2]: n for k, n in ntp.items() if k[2] == 4}))
    check("ntp: clients that asked", {f"c{i}" for i in (1, 2, 3)},
          {client(address) for address, _ in asked})
    subjects = {r["certificate.subject"] for r in load(logs, "x509")}
    check("x509: the server's and the authority's", 2, len(subjects))
    refused = [r for r in load(logs, "conn") if r["id.resp_p"] == 8081]
    check("conn: all of port 8081 were refused", len(refused),
          sum(r["conn_state"] == "REJ" for r in refused) or -1)


def check_same(read, live):
    """An appliance on the port and a reader of the capture say the same.
    Only moments differ: a port stamps packets as it takes them."""
    for kind in ("dns http ssl x509 ssh ftp smtp ntp syslog dhcp files"
                 .split()):
        keys = ("id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "query",
                "method", "uri", "command", "reply_code", "msg_id", "mode",
                "message", "mime_type", "server_name", "msg_types",
                "fingerprint", "seen_bytes", "status_code")
        check(f"read and run: {kind}", *(
            Count(tuple(str(r.get(k)) for k in keys)
                  for r in load(logs, kind)) for logs in (read, live)))


def missing():
    sys.path.insert(0, str(ROOT / "config/demo"))
    import lab
    import servers
    if os.geteuid():
        return "network namespaces need root"
    path = os.environ["PATH"]
    lost = lab.need([*servers.PROGRAMS, "tcpdump"])
    os.environ["PATH"] = path  # the network has to find them by itself
    if lost:
        return f"not installed: {' '.join(lost)}"
    if lab.run("ip", "netns", "add", f"{PREFIX}-try", check=False).returncode:
        return "no network namespaces here"
    lab.run("ip", "netns", "del", f"{PREFIX}-try")
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nightjar", required=True)
    parser.add_argument("--keep", help="the logs of all go to this folder")
    args = parser.parse_args()
    why = missing()
    if why:
        print(f"skipped: {why}")
        return SKIP
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nj-demo-"))
    folder.chmod(0o755)  # the brain is another user
    try:
        network("down")
        read, live = observe(args.nightjar, folder)
        # Three clients, one lease each, before the observers began.
        before = Count(DISCOVER=3, OFFER=3, REQUEST=3, ACK=3)
        check_http(read)
        check_dns(read)
        check_dhcp(read, before)
        check_ssh(read)
        check_ftp(read)
        check_smtp(read)
        check_syslog(read)
        check_rest(read)
        check_same(read, live)
    finally:
        if args.keep:
            shutil.copytree(folder, args.keep, dirs_exist_ok=True)
            if STATE.exists():
                shutil.copytree(STATE, pathlib.Path(args.keep) / "servers",
                                dirs_exist_ok=True,
                                ignore=shutil.ignore_patterns("sock"))
        network("down")
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
