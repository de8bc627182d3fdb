"""lab.py - the demo network itself: namespaces, a bridge, a mirror port, and
the processes that live in them.

Everything is made below one prefix ("nj" unless told otherwise), so that a
test can have a network of its own beside the demo. What is made is written
down (processes with their start time, as numbers are used again), and ended
from these notes and nothing else. No namespace has a route to the outside.

    <p>-lan    bridge br0, whose every port is copied to the mirror port
    <p>-infra  10.77.0.2   dnsmasq (DHCP, DNS), chrony, rsyslog
    <p>-web    10.77.0.10  nginx
    <p>-files  10.77.0.11  OpenSSH, vsftpd
    <p>-mail   10.77.0.12  Exim
    <p>-c1..3  by DHCP     clients
    <p>-mirror             in the namespace of whoever calls: the sensor's
"""
import fcntl
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
ETC = pathlib.Path("/etc/netns")
STATE = pathlib.Path("/run/nightjar-demo")
SERVERS = {"infra": 2, "web": 10, "files": 11, "mail": 12}
CLIENTS = ["c1", "c2", "c3"]
NET4, NET6 = "10.77.0.%d", "fd77::%x"
DOMAIN = "demo.test"
PATIENCE_S = 20


class Trouble(Exception):
    """Something that the caller shows as one line and ends with."""


def say(text):
    print(f"==> {text}", flush=True)


def address(host):
    return NET4 % SERVERS[host]


def start_time(pid):
    """When the kernel started it, in ticks; None: there is no such process
    (or nothing but its exit status is left of it)."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])


def run(*args, check=True, **more):
    """A command of ours; its complaint becomes the message."""
    done = subprocess.run([str(a) for a in args], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **more)
    if check and done.returncode:
        raise Trouble(f"{' '.join(map(str, args))}: {done.stdout.strip()}")
    return done


class Lab:
    def __init__(self, prefix="nj"):
        if not 1 <= len(prefix) <= 8 or not prefix.isalnum():
            raise Trouble(f"--prefix {prefix}: not 1 to 8 letters or digits")
        self.prefix = prefix
        self.state = STATE / prefix
        self.notes = self.state / "processes"
        self.mirror = f"{prefix}-mirror"

    def ns(self, host):
        return f"{self.prefix}-{host}"

    def names(self):
        return ["lan", *SERVERS, *CLIENTS]

    def existing(self):
        """Of our namespaces, those that are there."""
        there = set(os.listdir("/run/netns")) if os.path.isdir(
            "/run/netns") else set()
        return [self.ns(n) for n in self.names() if self.ns(n) in there]

    # ---- Processes ----

    def within(self, host, *args):
        return ["ip", "netns", "exec", self.ns(host), *map(str, args)]

    def note(self, what, pid):
        with open(self.notes, "a") as f:
            f.write(json.dumps({"what": what, "pid": pid,
                                "start": start_time(pid)}) + "\n")

    def start(self, what, host, *args):
        """Starts a server in the host's namespace, as a session of its own
        so that its children end with it. Gives its process id."""
        log = self.state / f"{what}.out"
        with open(log, "ab") as out:
            process = subprocess.Popen(
                self.within(host, *args), stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, start_new_session=True)
        self.note(what, process.pid)
        return process

    def processes(self):
        """Those that were noted and still are there."""
        try:
            lines = self.notes.read_text().splitlines()
        except OSError:
            return []
        all_of_them = [json.loads(line) for line in lines]
        return [p for p in all_of_them
                if p["start"] and start_time(p["pid"]) == p["start"]]

    def await_port(self, process, what, kind, port):
        """Until the namespace that the process is in has somebody listen.
        /proc/PID/net shows it without any packet."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if process.poll() is not None:
                break
            for family in kind, kind + "6":
                if self.has_port(process.pid, family, port):
                    return
            time.sleep(0.05)
        out = (self.state / f"{what}.out").read_text(errors="replace")
        raise Trouble(f"{what}: does not listen on {kind} port {port}: "
                      + (out.strip().splitlines() or ["no message"])[-1])

    @staticmethod
    def has_port(pid, family, port):
        listens = {"0A", "07"}  # TCP_LISTEN; an unconnected UDP socket
        try:
            with open(f"/proc/{pid}/net/{family}") as f:
                rows = [line.split() for line in f][1:]
        except OSError:
            return False
        return any(int(r[1].rpartition(":")[2], 16) == port
                   and r[3] in listens for r in rows)

    def end_all(self):
        """First those noted, by group, then what else is in our namespaces:
        sessions of sshd, for example, leave the group of their server."""
        groups = [p["pid"] for p in self.processes()]
        for pid in groups:
            signal_group(pid, signal.SIGTERM)
        self.await_end(groups)
        for sig in signal.SIGTERM, signal.SIGKILL:
            pids = [int(pid) for name in self.existing() for pid in
                    run("ip", "netns", "pids", name, check=False)
                    .stdout.split() if pid.isdigit()]
            for pid in pids:
                try:
                    os.kill(pid, sig)
                except ProcessLookupError:
                    pass
            self.await_end(pids)

    @staticmethod
    def await_end(pids):
        end = time.monotonic() + 5
        while any(start_time(p) for p in pids) and time.monotonic() < end:
            time.sleep(0.02)
        for pid in pids:
            if start_time(pid):
                signal_group(pid, signal.SIGKILL)

    # ---- Links ----

    def make_links(self):
        for name in self.names():
            run("ip", "netns", "add", self.ns(name))
            run("ip", "-n", self.ns(name), "link", "set", "lo", "up")
        lan = self.ns("lan")
        run("ip", "-n", lan, "link", "add", "name", "br0", "type", "bridge",
            "stp_state", "0", "mcast_snooping", "0")
        self.sysctl("lan", "net.ipv6.conf.all.disable_ipv6=1",
                    "net.ipv6.conf.default.disable_ipv6=1")
        run("ip", "-n", lan, "link", "set", "br0", "up")
        for number, host in enumerate([*SERVERS, *CLIENTS]):
            self.join(host, number)
        self.make_mirror()
        for host in [*SERVERS, *CLIENTS]:
            run("ip", "-n", self.ns(host), "link", "set", "eth0", "up")

    def sysctl(self, host, *settings):
        run(*self.within(host, "sysctl", "-qw", *settings), check=False)

    def join(self, host, number):
        """A cable from the bridge to a host. MAC addresses are fixed, and
        locally administered."""
        lan, ns = self.ns("lan"), self.ns(host)
        run("ip", "-n", lan, "link", "add", "name", f"p-{host}", "type",
            "veth", "peer", "name", "eth0", "netns", ns)
        run("ip", "-n", ns, "link", "set", "eth0", "address",
            "02:4e:4a:00:00:%02x" % (number + 1))
        run("ip", "-n", lan, "link", "set", f"p-{host}", "master", "br0")
        run("ip", "-n", lan, "link", "set", f"p-{host}", "up")
        # A checksum left to hardware would leave here unfilled, and the
        # mirror would show frames that are no frames of Ethernet's length.
        run(*self.within(host, "ethtool", "-K", "eth0", "tx", "off", "tso",
                         "off", "gso", "off", "gro", "off"), check=False)
        self.sysctl(host, "net.ipv6.conf.eth0.accept_dad=0",
                    "net.ipv6.conf.eth0.accept_ra=0")
        if host in SERVERS:
            run("ip", "-n", ns, "addr", "add", address(host) + "/24",
                "broadcast", NET4 % 255, "dev", "eth0")
        last = SERVERS.get(host) or 0x100 + CLIENTS.index(host)
        run("ip", "-n", ns, "addr", "add", NET6 % last + "/64", "nodad",
            "dev", "eth0", check=False)  # a kernel may be without IPv6

    def make_mirror(self):
        """What a port of the bridge receives is copied to the mirror port,
        so each frame is seen once. Without tc's mirred the bridge becomes a
        hub, and the mirror port one of its ports."""
        lan = self.ns("lan")
        run("ip", "link", "add", "name", self.mirror, "type", "veth",
            "peer", "name", "mirror", "netns", lan)
        # Nobody on the machine is to take it for a network to be used.
        run("sysctl", "-qw", f"net.ipv6.conf.{self.mirror}.disable_ipv6=1",
            check=False)
        run("ip", "link", "set", self.mirror, "arp", "off", "multicast",
            "off", "promisc", "on", "up")
        run("ip", "-n", lan, "link", "set", "mirror", "up")
        ports = [f"p-{h}" for h in [*SERVERS, *CLIENTS]]
        how = "copies of what each port receives (tc mirred)"
        if not all(self.copy_port(p) for p in ports):
            how = "a hub (this kernel's tc has no mirred)"
            for p in ports:
                run(*self.within("lan", "tc", "qdisc", "del", "dev", p,
                                 "ingress"), check=False)
                run("bridge", "-n", lan, "link", "set", "dev", p,
                    "learning", "off")
            run("ip", "-n", lan, "link", "set", "mirror", "master", "br0")
            run("bridge", "-n", lan, "link", "set", "dev", "mirror",
                "learning", "off")
        say(f"mirror port {self.mirror}: {how}")

    def copy_port(self, port):
        steps = (["qdisc", "add", "dev", port, "ingress"],
                 ["filter", "add", "dev", port, "parent", "ffff:",
                  "protocol", "all", "u32", "match", "u32", "0", "0",
                  "action", "mirred", "egress", "mirror", "dev", "mirror"])
        return all(run(*self.within("lan", "tc", *step),
                       check=False).returncode == 0 for step in steps)

    # ---- Files that hosts see as /etc ----

    def etc(self, host, name, text, mode=0o644):
        """Seen as /etc/NAME by programs in this host's namespace only:
        `ip netns exec` lays it over the machine's own file."""
        path = ETC / self.ns(host) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    # ---- Whose it is ----

    def take(self):
        """One of up and down at a time on a machine; held until this process
        ends. Another checkout's network is not ours to end."""
        STATE.mkdir(mode=0o755, exist_ok=True)
        self.lock = open(STATE / "lock", "w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        try:
            owner = pathlib.Path((self.state / "owner").read_text())
        except OSError:
            return
        if owner != TOP and owner.exists() and self.processes():
            raise Trouble(f"{self.prefix} was brought up from {owner}: stop "
                          "it there with config/run stop, or config/demo/"
                          "network down")

    def make_state(self):
        os.makedirs(self.state, mode=0o755)
        (self.state / "owner").write_text(str(TOP))

    def down(self):
        self.end_all()
        for name in self.existing():
            run("ip", "netns", "del", name)
        # Goes with its other end; not if that was never made.
        run("ip", "link", "del", self.mirror, check=False)
        for host in self.names():
            shutil.rmtree(ETC / self.ns(host), ignore_errors=True)
        shutil.rmtree(self.state, ignore_errors=True)


def signal_group(pid, sig):
    try:
        os.killpg(pid, sig)
    except (ProcessLookupError, PermissionError):
        pass


def need(programs):
    """Says which are missing; servers stand in /usr/sbin, or where
    config/run unpacked what it did not want to install."""
    unpacked = TOP / "var/unpacked"
    os.environ["PATH"] = ":".join([
        os.environ.get("PATH", ""), "/usr/sbin", "/sbin",
        *sorted(str(p / "usr/sbin") for p in unpacked.glob("[!.]*"))])
    return [p for p in programs if not shutil.which(p)]


def fail(error):
    print(f"nightjar: demo network: {error}", file=sys.stderr)
    sys.exit(1)
