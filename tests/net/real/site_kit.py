"""site.py - two namespaces with a cable between them: a server's, a client's,
and tcpdump on the server's end. Servers are Debian's, with configurations of
ours in a folder of this run; they end with the site."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PATIENCE_S = 30
SERVER, CLIENT = "10.78.0.1", "10.78.0.2"
MARK = b"the last words of this test"
PASSWORD = "correct-horse"


class Trouble(Exception):
    """What a part cannot go on with; shown as one line."""


def run(*args, check=True, **more):
    done = subprocess.run([str(a) for a in args], text=True,
                          stdin=more.pop("stdin", subprocess.DEVNULL),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=60, **more)
    if check and done.returncode:
        raise Trouble(f"{' '.join(map(str, args))}: {done.stdout.strip()}")
    return done.stdout


def wait_for(what, truth):
    end = time.monotonic() + PATIENCE_S
    while not truth():
        if time.monotonic() > end:
            raise Trouble(f"{what}: not within {PATIENCE_S} s")
        time.sleep(0.05)


class Site:
    def __init__(self):
        self.name = f"r{os.getpid() % 10**6}"
        self.server, self.client = self.name + "s", self.name + "c"
        # Some servers give up root, and have to get at their files.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="nj-real-"))
        self.folder.chmod(0o755)
        self.capture = self.folder / "capture.pcap"
        self.processes, self.dump = [], None

    def __enter__(self):
        for ns in self.server, self.client:
            run("ip", "netns", "add", ns)
            run("ip", "-n", ns, "link", "set", "lo", "up")
        run("ip", "-n", self.server, "link", "add", "eth0", "type", "veth",
            "peer", "name", "eth0", "netns", self.client)
        for ns, address in (self.server, SERVER), (self.client, CLIENT):
            run("ip", "-n", ns, "addr", "add", address + "/24", "dev", "eth0")
            run("ip", "-n", ns, "link", "set", "eth0", "up")
            # Frames of Ethernet's length, with their checksums in.
            run(*self.within(ns), "ethtool", "-K", "eth0", "tx", "off", "tso",
                "off", "gso", "off", "gro", "off", check=False)
        self.dump = subprocess.Popen(
            [*self.within(self.server), "tcpdump", "-i", "eth0", "-U",
             "--immediate-mode", "-B", "16384", "-w", self.capture],
            stderr=subprocess.DEVNULL)
        wait_for("tcpdump", self.capture.exists)
        return self

    def __exit__(self, *_):
        for process in [*reversed(self.processes), self.dump]:
            with contextlib.suppress(ProcessLookupError, AttributeError):
                os.killpg(process.pid, signal.SIGTERM) \
                    if process is not self.dump else process.terminate()
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
                continue
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for ns in self.server, self.client:
            for pid in run("ip", "netns", "pids", ns, check=False).split():
                with contextlib.suppress(ProcessLookupError, ValueError):
                    os.kill(int(pid), signal.SIGKILL)
            run("ip", "netns", "del", ns, check=False)
            shutil.rmtree(f"/etc/netns/{ns}", ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def within(self, ns):
        return ["ip", "netns", "exec", ns]

    def etc(self, name, text):
        """Seen as /etc/NAME in both namespaces, and nowhere else."""
        for ns in self.server, self.client:
            path = pathlib.Path("/etc/netns") / ns / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def file(self, name, text, mode=0o644):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def own(self, name, user):
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        shutil.chown(path, user)
        return path

    def start(self, what, *args, port, kind="tcp", **more):
        """A server; comes back when somebody listens on the port. What it
        says is in said(what)."""
        out = open(self.folder / f"{what}.out", "ab")
        process = subprocess.Popen(
            [*self.within(self.server), *map(str, args)],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True, **more)
        self.processes.append(process)

        def listens():
            if process.poll() is not None:
                raise Trouble(f"{what}: ended: "
                              + (self.said(what).splitlines() or ["?"])[-1])
            return self.has_port(kind, port)
        wait_for(f"{what} on {kind} port {port}", listens)
        return process

    def has_port(self, kind, port):
        rows = run(*self.within(self.server), "cat", f"/proc/net/{kind}",
                   f"/proc/net/{kind}6", check=False).splitlines()
        return any(row.split()[1].rpartition(":")[2] == f"{port:04X}"
                   and row.split()[3] in ("0A", "07")
                   for row in rows if ":" in row.split()[0])

    def said(self, what):
        return (self.folder / f"{what}.out").read_text(errors="replace")

    def ask(self, *args, check=True, **more):
        """A client, to its end. Gives what it said."""
        return run(*self.within(self.client), *args, check=check, **more)

    def python(self, text):
        return self.ask(sys.executable, "-c", text)

    def stop_capture(self):
        """What came before the last words is in the file when they are."""
        self.python("import socket; socket.socket(socket.AF_INET, "
                    "socket.SOCK_DGRAM).sendto(%r, (%r, 9))" % (MARK, SERVER))
        wait_for("tcpdump", lambda: MARK in self.capture.read_bytes())
        self.dump.send_signal(signal.SIGINT)
        self.dump.wait(20)
