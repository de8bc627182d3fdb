"""traffic.py - what the clients of the demo network do: each activity is a
program of Debian's, called as a user would, and some of them are meant to
fail. Bounded by a rate; each client does one thing at a time.
"""
import email.message
import os
import random
import signal
import subprocess
import threading
import time

from lab import CLIENTS, DOMAIN, address, say
from servers import PASSWORD

LIMIT_S = 15  # of one activity
LEASES = {c: 0 for c in CLIENTS}


class Client:
    def __init__(self, lab, name, seed):
        self.lab, self.name = lab, name
        self.random = random.Random(f"{seed} {name}")
        self.state = lab.state
        self.folder = lab.state / "clients" / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.mails = 0

    def call(self, *args, data=None):
        """One program in the client's namespace; how it ends is part of the
        play, so nothing is made of it here."""
        try:
            return subprocess.run(
                self.lab.within(self.name, *args), input=data,
                stdin=None if data else subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                timeout=LIMIT_S).returncode
        except subprocess.TimeoutExpired:
            return -1

    def family(self):
        """Names have addresses of both kinds; most traffic is IPv4."""
        return self.pick("-4", "-4", "-6")

    def curl(self, *args):
        return self.call("curl", "-sS", "-o", "/dev/null", "--http1.1",
                         "--max-time", "10", "--noproxy", "*", self.family(),
                         *args)

    def pick(self, *choices):
        return self.random.choice(choices)

    # ---- Activities: one method each, in the order of a first round ----

    def do_names(self):
        self.call("dig", "+short", f"www.{DOMAIN}", "A", f"www.{DOMAIN}",
                  "AAAA", DOMAIN, "MX", DOMAIN, "TXT")
        self.call("dig", "+short", self.pick("+tcp", "+notcp"),
                  f"_ssh._tcp.{DOMAIN}", "SRV", "-x", address("web"))

    def do_no_such_name(self):
        self.call("dig", "+short", f"printer-{self.random.randrange(1000)}."
                  f"{DOMAIN}")

    def do_page(self):
        base = f"http://{self.pick('www', 'static', 'intranet')}.{DOMAIN}"
        # Three requests on one connection.
        self.curl(base + "/", "-o", "/dev/null", base + "/long.html", "-o",
                  "/dev/null", base + "/picture.png", "--compressed", "-e",
                  base + "/")

    def do_page_missing(self):
        self.curl(f"http://www.{DOMAIN}/"
                  f"{self.pick('nothing-here', 'private/', 'moved')}", "-L")

    def do_api(self):
        self.curl("-H", "Content-Type: application/json", "-d",
                  '{"client":"%s","n":%d}' % (self.name,
                                              self.random.randrange(10**6)),
                  f"http://api.{DOMAIN}/"
                  f"{self.pick('orders', 'stock/7', 'fault')}")

    def do_login_page(self):
        self.curl("-u", "alice:wrong", f"http://www.{DOMAIN}/robots.txt")

    def do_tls12(self):
        # Certificates are readable on the wire up to TLS 1.2 only.
        self.curl("--tls-max", "1.2", "--cacert", self.state / "tls/ca.pem",
                  f"https://www.{DOMAIN}/long.html")

    def do_tls13(self):
        self.curl("--tlsv1.3", "--cacert", self.state / "tls/ca.pem",
                  f"https://static.{DOMAIN}/picture.png")

    def do_tls_not_trusted(self):
        self.curl(f"https://www.{DOMAIN}/")

    def ssh(self, key, *command):
        self.call("ssh", self.family(), "-F", "/dev/null", "-i", self.state / "ssh" / key,
                  "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o",
                  "StrictHostKeyChecking=no", "-o",
                  f"UserKnownHostsFile={self.folder}/known_hosts", "-o",
                  "ConnectTimeout=5", f"alice@ssh.{DOMAIN}", *command)

    def do_ssh(self):
        self.ssh("alice", "uname -a; id; ls -l / /usr/bin | head -n 200")

    def do_ssh_refused(self):
        self.ssh("stranger", "id")

    def ftp(self, *args, password=PASSWORD):
        self.curl("-u", f"alice:{password}", *args)

    def do_ftp_get(self):
        self.ftp(f"ftp://ftp.{DOMAIN}/")
        self.ftp(f"ftp://ftp.{DOMAIN}/{self.name}.txt")

    def do_ftp_put(self):
        file = self.folder / f"{self.name}.txt"
        file.write_text(f"Report of {self.name}\n" * 400)
        self.ftp("-T", file, f"ftp://ftp.{DOMAIN}/")

    def do_ftp_active(self):
        self.ftp("-P", "-", f"ftp://ftp.{DOMAIN}/")

    def do_ftp_wrong_password(self):
        self.ftp(f"ftp://ftp.{DOMAIN}/", password="guess")

    def mail(self, to, *more):
        self.mails += 1
        m = email.message.EmailMessage()
        m["From"] = f"{self.name.capitalize()} <{self.name}@{DOMAIN}>"
        m["To"], m["Subject"] = to, f"Numbers, {self.mails}"
        m["Message-ID"] = f"<{self.mails}.{time.time_ns()}@{self.name}>"
        m.set_content("The numbers that you asked for are attached.\n")
        m.add_attachment((self.state / "nginx/www/picture.png").read_bytes(),
                         maintype="image", subtype="png",
                         filename="numbers.png")
        file = self.folder / "mail.eml"
        file.write_bytes(m.as_bytes(policy=m.policy.clone(linesep="\r\n")))
        self.curl("--mail-from", f"{self.name}@{DOMAIN}", "--mail-rcpt", to,
                  "-T", file, *more, f"smtp://mail.{DOMAIN}/"
                  f"{self.name}.{DOMAIN}")

    def do_mail(self):
        self.mail(f"{self.pick('alice', 'bob')}@{DOMAIN}")

    def do_mail_starttls(self):
        self.mail(f"bob@{DOMAIN}", "--ssl-reqd", "--cacert",
                  self.state / "tls/ca.pem")

    def do_mail_unknown_user(self):
        self.mail(f"carol@{DOMAIN}")

    def do_time(self):
        # -Q: ask, print, and leave the clock alone.
        conf = self.folder / "chrony.conf"
        conf.write_text(f"server ntp.{DOMAIN} iburst maxsamples 2\n"
                        f"pidfile {self.folder}/chrony.pid\ncmdport 0\n")
        self.call("chronyd", self.family(), "-Q", "-t", "6", "-u", "root", "-f", conf)

    def do_syslog(self):
        self.call("logger", "--server", f"syslog.{DOMAIN}", "--udp",
                  "--port", "514", "--rfc3164", "-t", self.name, "-p",
                  self.pick("auth.warning", "daemon.info", "user.notice"),
                  f"event {self.random.randrange(10**6)} on {self.name}")

    def do_ping(self):
        self.call("ping", self.family(), "-n", "-c", "3", "-i", "0.2", "-W",
                  "1", self.pick(f"www.{DOMAIN}", f"mail.{DOMAIN}"))

    def do_ping_nobody(self):
        self.call("ping", "-c", "2", "-i", "0.2", "-W", "1", "10.77.0.200")

    def do_refused(self):
        self.curl("--connect-timeout", "3", f"http://www.{DOMAIN}:8081/")
        # A closed UDP port answers by ICMP.
        self.call("dig", "+tries=1", "+time=1", f"@{address('web')}",
                  f"www.{DOMAIN}")

    def do_lease(self):
        """Gives the address back and asks for one anew. The network is
        there when the next activity asks for a name."""
        pids = [p["pid"] for p in self.lab.processes()
                if p["what"] == f"udhcpc-{self.name}"]
        for sig in (signal.SIGUSR2, signal.SIGUSR1) if pids else ():
            send(pids[-1], sig)
            time.sleep(0.3)
        end = time.monotonic() + 5
        while time.monotonic() < end and not self.has_address():
            time.sleep(0.1)

    def has_address(self):
        done = subprocess.run(
            ["ip", "-n", self.lab.ns(self.name), "-4", "-o", "addr", "show",
             "dev", "eth0"], stdout=subprocess.PIPE, text=True)
        return "inet 10.77." in done.stdout


def send(pid, sig):
    """`ip netns exec` became udhcpc itself, so the number is the client's."""
    try:
        os.kill(pid, sig)
    except ProcessLookupError:
        pass


ACTIVITIES = [name for name in vars(Client) if name.startswith("do_")]


def one_client(client, stop, gap_s, rounds):
    """A first round in order, so that everything is seen soon; after that,
    rounds in any order."""
    done = 0
    while not stop.is_set() and (not rounds or done < rounds):
        todo = list(ACTIVITIES)
        if done:
            client.random.shuffle(todo)
        for name in todo:
            if stop.is_set():
                break
            begin = time.monotonic()
            getattr(client, name)()
            # Who looks at the records sees one of each kind soon.
            pause = gap_s * (client.random.uniform(0.5, 1.5) if done
                             else 0.5)
            stop.wait(max(0, begin + pause - time.monotonic()))
        done += 1


def run_traffic(lab, args):
    stop = threading.Event()
    for sig in signal.SIGTERM, signal.SIGINT:
        signal.signal(sig, lambda *_: stop.set())
    seed = time.time_ns() if args.seed is None else args.seed
    gap_s = len(CLIENTS) / args.rate
    say(f"traffic: {len(CLIENTS)} clients, {len(ACTIVITIES)} kinds of "
        f"activity, {args.rate:g} a second")
    threads = [threading.Thread(target=one_client, args=(
        Client(lab, name, seed), stop, gap_s, args.rounds))
        for name in CLIENTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(0.2)
    say("traffic: ended")
    return 0
