"""servers.py - the servers of the demo network: what each is told to do, and
how it is started. All are Debian's, with configurations of ours in the
network's own folder; the machine's files are read, never written.
"""
import os
import pathlib
import shutil
import struct
import time
import zlib

from lab import CLIENTS, DOMAIN, NET4, NET6, SERVERS, Trouble, address, run

USERS = {"alice": 30001, "bob": 30002}
PASSWORD = "correct horse"
PROGRAMS = ("dnsmasq nginx sshd vsftpd exim4 chronyd rsyslogd curl ssh "
            "ssh-keygen openssl udhcpc dig ping logger ip ethtool").split()


def write(path, text, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def own(path, user):
    path.mkdir(parents=True, exist_ok=True)
    shutil.chown(path, user)
    return path


# ---- Names, addresses, time, messages: infra ----

def names_of_servers():
    extra = {"web": ["www", "api", "static"], "files": ["ftp", "ssh"],
             "infra": ["ns", "ntp", "syslog"], "mail": []}
    for host, last in SERVERS.items():
        for name in [host, *extra[host]]:
            yield f"{name}.{DOMAIN}", NET4 % last, NET6 % last


def dnsmasq(lab):
    folder = own(lab.state / "dnsmasq", "nobody")
    lines = [f"host-record={n},{a4},{a6}" for n, a4, a6 in
             names_of_servers()]
    conf = write(folder / "conf", "\n".join([
        "keep-in-foreground", "user=nobody", "pid-file=", "no-resolv",
        "no-hosts", "interface=eth0", "bind-interfaces", "except-interface=lo",
        f"domain={DOMAIN}", f"local=/{DOMAIN}/", "local=/77.10.in-addr.arpa/",
        "dhcp-range=10.77.0.100,10.77.0.150,255.255.255.0,2m",
        "dhcp-authoritative", "no-ping",
        # No router: a client cannot even try to leave the network.
        "dhcp-option=3", f"dhcp-option=6,{address('infra')}",
        f"dhcp-option=42,{address('infra')}",
        f"dhcp-leasefile={folder}/leases", "log-dhcp",
        "log-queries=extra", f"log-facility={folder}/log",
        f"mx-host={DOMAIN},mail.{DOMAIN},10",
        f'txt-record={DOMAIN},"v=spf1 mx -all"',
        f"srv-host=_ssh._tcp.{DOMAIN},files.{DOMAIN},22",
        f"cname=intranet.{DOMAIN},www.{DOMAIN}",
        "local-ttl=20", *lines, ""]))
    return lab.start("dnsmasq", "infra", "dnsmasq", f"--conf-file={conf}"), [
        ("udp", 53), ("tcp", 53), ("udp", 67)]


def chrony(lab):
    folder = lab.state / "chrony"
    # It serves time and leaves the machine's clock alone (-x).
    conf = write(folder / "conf", "\n".join([
        "local stratum 3", "allow 10.77.0.0/24", "allow fd77::/64",
        "cmdport 0", f"bindcmdaddress {folder}/sock",
        f"pidfile {folder}/pid", ""]))
    return lab.start("chrony", "infra", "chronyd", "-x", "-d", "-u", "root",
                     "-f", conf), [("udp", 123)]


def rsyslog(lab):
    folder = lab.state / "rsyslog"
    conf = write(folder / "conf", "\n".join([
        'module(load="imudp")', 'input(type="imudp" port="514")',
        f'global(workDirectory="{folder}")',
        f'*.* action(type="omfile" file="{folder}/messages")', ""]))
    return lab.start("rsyslog", "infra", "rsyslogd", "-n", "-f", conf, "-i",
                     folder / "pid"), [("udp", 514)]


# ---- Pages: web ----

def picture(side=96):
    """A PNG of a colour gradient: something whose type shows by content."""
    def chunk(kind, data):
        body = kind + data
        return (struct.pack(">I", len(data)) + body
                + struct.pack(">I", zlib.crc32(body)))
    rows = b"".join(b"\0" + bytes(v for x in range(side) for v in
                                  (x * 2, y * 2, x ^ y))
                    for y in range(side))
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0,
                                         0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def pages(folder):
    text = "".join(f"<p>Paragraph {i}: the quick brown fox.</p>\n"
                   for i in range(1500))
    write(folder / "index.html", "<!DOCTYPE html><html><head><title>Demo"
          "</title></head><body><h1>Demo</h1></body></html>\n")
    write(folder / "long.html", "<!DOCTYPE html><html><body>\n" + text
          + "</body></html>\n")
    write(folder / "picture.png", picture())
    write(folder / "robots.txt", "User-agent: *\nDisallow: /private/\n")
    write(folder / "private/secret.html", "<html>staff only</html>\n")
    os.chmod(folder, 0o755)


def certificates(lab):
    """An authority of this network's own, and one certificate for all of its
    servers, signed by it: a chain of two, as on a real network."""
    folder = lab.state / "tls"
    folder.mkdir(parents=True, exist_ok=True)
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    run("openssl", "req", "-x509", *key, "-days", "30", "-subj",
        "/O=Nightjar demo/CN=Demo root", "-keyout", folder / "ca.key", "-out",
        folder / "ca.pem")
    names = ",".join(f"DNS:{n}" for n in
                     ["www", "api", "static", "mail", "ftp"]
                     for n in [f"{n}.{DOMAIN}"])
    run("openssl", "req", *key, "-subj", f"/O=Nightjar demo/CN=www.{DOMAIN}",
        "-keyout", folder / "server.key", "-out", folder / "server.csr")
    extensions = write(folder / "ext", f"subjectAltName={names}\n"
                       "basicConstraints=CA:FALSE\n")
    run("openssl", "x509", "-req", "-in", folder / "server.csr", "-CA",
        folder / "ca.pem", "-CAkey", folder / "ca.key", "-CAcreateserial",
        "-days", "20", "-extfile", extensions, "-out", folder / "server.pem")
    chain = (folder / "server.pem").read_text() + (folder / "ca.pem"
                                                   ).read_text()
    write(folder / "chain.pem", chain)
    # Exim reads it as its own user; nobody else is in this network.
    shutil.copy(folder / "server.key", folder / "mail.key")
    shutil.chown(folder / "mail.key", "Debian-exim")


def nginx(lab):
    folder = lab.state / "nginx"
    pages(folder / "www")
    tls = lab.state / "tls"
    temp = "".join(f"{k}_temp_path {folder}/tmp_{k}; " for k in
                   "client_body proxy fastcgi uwsgi scgi".split())
    conf = write(folder / "conf", f"""
daemon off; user www-data; worker_processes 1;
pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
	{temp}
	types {{ text/html html; image/png png; text/plain txt; }}
	log_format facts escape=json '{{"from":"$remote_addr",'
		'"port":$remote_port,"scheme":"$scheme","method":"$request_method",'
		'"uri":"$request_uri","status":$status,"host":"$http_host",'
		'"agent":"$http_user_agent","tls":"$ssl_protocol"}}';
	access_log {folder}/access.log facts;
	gzip on; gzip_types text/plain; server_tokens on;
	root {folder}/www;
	ssl_certificate {tls}/chain.pem; ssl_certificate_key {tls}/server.key;
	ssl_protocols TLSv1.2 TLSv1.3;
	server {{
		listen 80; listen [::]:80;
		listen 443 ssl; listen [::]:443 ssl;
		server_name www.{DOMAIN} static.{DOMAIN};
		location /private/ {{ return 403; }}
		location /moved {{ return 302 /index.html; }}
	}}
	server {{
		listen 80; listen [::]:80;
		server_name api.{DOMAIN};
		default_type application/json;
		location / {{ return 200 '{{"ok":true,"path":"$uri"}}'; }}
		location /fault {{ return 500 '{{"ok":false}}'; }}
	}}
}}
""")
    return lab.start("nginx", "web", "nginx", "-e", folder / "error.log",
                     "-c", conf), [("tcp", 80), ("tcp", 443)]


# ---- Logins and files: files ----

def user_files(lab, host):
    """Users that exist in this host's namespace only."""
    done = run("openssl", "passwd", "-6", PASSWORD)
    passwd = pathlib.Path("/etc/passwd").read_text()
    group = pathlib.Path("/etc/group").read_text()
    shadow = pathlib.Path("/etc/shadow").read_text()
    for user, number in USERS.items():
        home = lab.state / "home" / user
        passwd += f"{user}:x:{number}:{number}::{home}:/bin/sh\n"
        group += f"{user}:x:{number}:\n"
        shadow += f"{user}:{done.stdout.strip()}:19700:0:99999:7:::\n"
        home.mkdir(parents=True, exist_ok=True)
        os.chown(home, number, number)
    lab.etc(host, "passwd", passwd)
    lab.etc(host, "group", group)
    lab.etc(host, "shadow", shadow, 0o600)


def sshd(lab):
    folder = lab.state / "ssh"
    folder.mkdir(parents=True, exist_ok=True)
    for name in "host", "alice", "stranger":
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f",
            folder / name)
    shutil.copy(folder / "alice.pub", folder / "authorized_keys")
    os.chmod(folder / "authorized_keys", 0o644)
    # sshd insists on this folder, which its package makes at boot.
    os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    conf = write(folder / "conf", "\n".join([
        f"HostKey {folder}/host", f"PidFile {folder}/pid",
        f"AuthorizedKeysFile {folder}/authorized_keys", "StrictModes no",
        "UsePAM no", "PasswordAuthentication no", "AllowUsers alice",
        "KbdInteractiveAuthentication no", "UseDNS no", "PrintMotd no",
        "Subsystem sftp internal-sftp", ""]))
    return lab.start("sshd", "files", shutil.which("sshd"), "-D", "-e", "-f",
                     conf), [("tcp", 22)]


def vsftpd(lab):
    folder = lab.state / "vsftpd"
    pam = write(folder / "pam", "auth required pam_unix.so\n"
                "account required pam_unix.so\n"
                "session required pam_permit.so\n")
    # PAM looks for services in /etc/pam.d only, so that is laid over.
    for file in pathlib.Path("/etc/pam.d").iterdir():
        lab.etc("files", f"pam.d/{file.name}", file.read_text())
    lab.etc("files", "pam.d/nj-demo-ftp", pam.read_text())
    empty = folder / "empty"
    empty.mkdir(parents=True, exist_ok=True)
    conf = write(folder / "conf", "\n".join([
        "listen=NO", "listen_ipv6=YES", "background=NO",
        "anonymous_enable=NO", "local_enable=YES", "write_enable=YES",
        "pam_service_name=nj-demo-ftp", f"secure_chroot_dir={empty}",
        "chroot_local_user=YES", "allow_writeable_chroot=YES",
        "pasv_min_port=50000", "pasv_max_port=50100",
        "xferlog_enable=YES", "log_ftp_protocol=YES",
        "seccomp_sandbox=NO", f"vsftpd_log_file={folder}/log", ""]))
    return lab.start("vsftpd", "files", "vsftpd", conf), [("tcp", 21)]


# ---- Mail ----

def exim(lab):
    folder = own(lab.state / "exim", "Debian-exim")
    for name in "spool", "log", "boxes":
        own(folder / name, "Debian-exim")
    tls = lab.state / "tls"
    conf = f"""
primary_hostname = mail.{DOMAIN}
domainlist local_domains = {DOMAIN}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/pid
log_selector = +smtp_connection +received_sender
tls_advertise_hosts = *
tls_certificate = {tls}/chain.pem
tls_privatekey = {tls}/mail.key
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept
host_lookup =
rfc1413_hosts =
chunking_advertise_hosts =
keep_environment =
daemon_smtp_ports = 25
never_users = root
begin acl
check_rcpt:
  deny message = no such mailbox
       local_parts = !alice : !bob
  accept domains = +local_domains
  deny message = relay not permitted
begin routers
boxes:
  driver = accept
  domains = +local_domains
  transport = box
begin transports
box:
  driver = appendfile
  file = {folder}/boxes/$local_part_data
  user = Debian-exim
begin retry
*  *  F,1h,5m
"""
    conf = conf.replace("$local_part_data", "${lookup{$local_part}lsearch{"
                        f"{folder}/users}}{{$value}}fail}}")
    write(folder / "users", "alice: alice\nbob: bob\n")
    lab.etc("mail", "exim4/exim4.conf", conf)
    return lab.start("exim", "mail", "exim4", "-bdf", "-q10m"), [("tcp", 25)]


def start_all(lab):
    for host in [*SERVERS, *CLIENTS]:
        lab.etc(host, "resolv.conf", f"search {DOMAIN}\n"
                f"nameserver {address('infra')}\n"
                "options timeout:2 attempts:2\n")
    certificates(lab)
    user_files(lab, "files")
    started = []
    for server in dnsmasq, chrony, rsyslog, nginx, sshd, vsftpd, exim:
        (lab.state / server.__name__).mkdir(parents=True, exist_ok=True)
        process, ports = server(lab)
        started.append((server.__name__, process, ports))
    for what, process, ports in started:
        for kind, port in ports:
            lab.await_port(process, what, kind, port)


def start_clients(lab):
    """A DHCP client each, which keeps its lease renewed."""
    script = pathlib.Path(__file__).resolve().parent / "lease"
    for client in CLIENTS:
        lab.start(f"udhcpc-{client}", client, "udhcpc", "-f", "-R", "-i",
                  "eth0", "-s", script, "-x", f"hostname:{client}", "-t",
                  "10", "-T", "1")
    for client in CLIENTS:
        await_lease(lab, client)


def await_lease(lab, client):
    """`ip monitor` would miss what came before it, so ask, a few times a
    second and not for long."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        out = run("ip", "-n", lab.ns(client), "-4", "-o", "addr", "show",
                  "dev", "eth0").stdout
        if "inet 10.77.0." in out:
            return
        time.sleep(0.1)
    raise Trouble(f"{client}: no address by DHCP")
