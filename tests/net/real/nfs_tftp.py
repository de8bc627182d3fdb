"""nfs_tftp.py - files without a log-in: NFS 3 and 4 of Ganesha with libnfs'
tools, and TFTP of dnsmasq with curl."""
import pathlib
import re
import shutil
from collections import Counter

from site_kit import SERVER

LETTER = "Dear reader, " * 4000


class Tftp:
    needs = ["dnsmasq", "curl"]

    def play(self, site):
        root = site.own("tftp", "nobody")
        for name, text in ("config", "hostname switch-7\n"), \
                ("image", LETTER):
            site.file(f"tftp/{name}", text)
        self.site, self.sizes = site, Counter()
        site.start("dnsmasq", "dnsmasq", "-k", "-C", "/dev/null", "--port=0",
                   "--enable-tftp", f"--tftp-root={root}", "--user=nobody",
                   f"--listen-address={SERVER}", "--bind-interfaces",
                   "--log-facility=-", port=69, kind="udp")
        for name in "config", "image", "nothing":
            site.ask("curl", "-s", "-o", site.folder / "tftp.got",
                     f"tftp://{SERVER}/{name}", check=False)

    def settle(self):
        self.said = self.site.said("dnsmasq")

    def check(self, logs):
        sent = Counter(re.findall(r"sent \S*/(\w+) to", self.said))
        lost = Counter(re.findall(r"file \S*/(\w+) not found", self.said))
        yield ("tftp: files asked for", sent + lost,
               Counter(r["file"] for r in logs["tftp"]))
        yield ("tftp: files sent", sent,
               Counter(r["file"] for r in logs["tftp_transfer"]
                       if r["complete"]))
        yield ("tftp: files that are not there", lost,
               Counter(r["file"] for r in logs["tftp_transfer"]
                       if r.get("error_code") == 1))
        yield ("tftp: bytes of the longest", len(LETTER),
               max(r["seen_bytes"] for r in logs["files"]
                   if r["source"] == "TFTP"))


class Nfs:
    needs = ["ganesha.nfsd", "rpcbind", "nfs-cp", "nfs-ls", "nfs-cat"]
    # What has a record of its own; the rest are questions for attributes.
    told_of = {"OPEN", "OPEN_CONFIRM", "LOOKUP", "READDIR", "SETATTR",
               "SETCLIENTID", "SETCLIENTID_CONFIRM", "REMOVE", "CREATE"}

    def play(self, site):
        folder = site.folder / "ganesha"
        # Handles of files are had from few file systems.
        memory = pathlib.Path("/dev/shm") / site.name
        share = memory / "share"
        share.mkdir(parents=True)
        conf = site.file("ganesha/conf", f"""NFS_CORE_PARAM {{
 Protocols = 3, 4;
 Bind_addr = {SERVER};
 MNT_Port = 20048;
 Enable_NLM = false;
 Enable_RQUOTA = false;
}}
NFSV4 {{ Graceless = true; RecoveryBackend = fs_ng; RecoveryRoot = {folder}/r; }}
LOG {{ COMPONENTS {{ NFS3 = FULL_DEBUG; NFS_V4 = FULL_DEBUG; }} }}
EXPORT {{
 Export_Id = 1; Path = {share}; Pseudo = /share; Access_Type = RW;
 Squash = No_Root_Squash; SecType = sys; Protocols = 3, 4;
 Transports = TCP, UDP; FSAL {{ Name = VFS; }}
}}
""")
        start = site.file("ganesha/start", f"""#!/bin/sh
set -e
mount -t tmpfs none /run
mkdir -p /run/ganesha /run/rpcbind
rpcbind -w -i
exec ganesha.nfsd -F -L {folder}/log -f {conf} -p {folder}/pid
""", 0o755)
        local = site.file("ganesha/letter", LETTER)
        try:
            site.start("ganesha", start, port=2049)
            for version, base in (3, share), (4, "/share"):
                def url(name):
                    return f"nfs://{SERVER}{base}/{name}?version={version}"
                if version == 3:
                    site.ask("nfs-cp", local, url("letter.txt"))
                site.ask("nfs-ls", url(""))
                site.ask("nfs-cat", url("letter.txt"))
                site.ask("nfs-cat", url("nothing.txt"), check=False)
        finally:
            shutil.rmtree(memory, ignore_errors=True)
        self.log = folder / "log"

    def check(self, logs):
        said = self.log.read_text(errors="replace")
        rows = logs["nfs"]
        yield ("nfs 3: calls with a name", Counter(re.findall(
            r"Calling NFS3_(\w+) .*name: (\S+)", said)),
            Counter((r["procedure"], r["name"]) for r in rows
                    if r["version"] == 3 and r.get("name")
                    and r["program"] == "nfs"
                    and r["procedure"] not in ("READ", "WRITE")))
        told = [tuple(m.split(", ")) for m in
                re.findall(r"nfs4 operations \{([^}]*)\}", said)]
        yield ("nfs 4: compounds",
               Counter(c for c in told if self.told_of & set(c)),
               Counter(c for c in (tuple(r.get("operations", ()))
                                   for r in rows) if self.told_of & set(c)))
        yield ("nfs: files carried, both ways", 3,
               sum(r["source"] == "NFS" and r["seen_bytes"] == len(LETTER)
                   and r["filename"] == "letter.txt" for r in logs["files"]))


PARTS = [Tftp, Nfs]
