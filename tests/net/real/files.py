"""files.py - shares: Samba, spoken to in its old and its new dialects."""
import re
from collections import Counter

from site_kit import PASSWORD, SERVER, run


LARGE = 11 * 300000


class Samba:
    needs = ["smbd", "smbclient", "smbpasswd", "rpcclient"]

    def play(self, site):
        folder = site.folder / "samba"
        share = folder / "share"
        for name in "private", "state", "cache", "lock", "pid", "share":
            (folder / name).mkdir(parents=True)
        conf = site.file("samba/smb.conf", f"""[global]
 workgroup = REAL
 netbios name = FILES
 server min protocol = NT1
 interfaces = {SERVER}/24
 bind interfaces only = yes
 smb ports = 445
 disable netbios = yes
 private dir = {folder}/private
 state directory = {folder}/state
 cache directory = {folder}/cache
 lock directory = {folder}/lock
 pid directory = {folder}/pid
 ncalrpc dir = {folder}/state
 log file = {folder}/log
 log level = 1 full_audit:1 auth_audit:3
 load printers = no
 disable spoolss = yes
 vfs objects = full_audit
 full_audit:prefix = audit
 full_audit:success = connect disconnect openat renameat unlinkat mkdirat
 full_audit:failure = none
 full_audit:syslog = false
[share]
 path = {share}
 read only = no
[vault]
 path = {share}
 read only = no
 smb encrypt = required
""")
        for _ in range(2):
            run("smbpasswd", "-c", conf, "-s", "-a", "root",
                stdin=open(site.file("samba/input",
                                     f"{PASSWORD}\n{PASSWORD}\n")))
        site.start("smbd", "smbd", "-F", "--no-process-group", "-s", conf,
                   port=445)
        local = site.file("samba/letter.txt", "Dear reader, " * 400)
        big = site.file("samba/big.bin", "0123456789\n" * (LARGE // 11))
        for dialect in "NT1", "SMB2_02", "SMB3_11":
            name = dialect.lower()
            site.ask("smbclient", f"//{SERVER}/share", "-s", "/dev/null",
                     "--option=client min protocol=NT1", "-m", dialect, "-U",
                     f"root%{PASSWORD}", "-c",
                     f"put {local} {name}.txt; get {name}.txt "
                     f"{folder}/{name}; rename {name}.txt {name}-new.txt; "
                     f"mkdir {name}-dir; del {name}-new.txt; "
                     f"put {big} {name}.bin; get {name}.bin {folder}/{name}")
        site.ask("smbclient", f"//{SERVER}/share", "-s", "/dev/null", "-U",
                 "root%wrong", "-c", "ls", check=False)
        site.ask("smbclient", f"//{SERVER}/vault", "-s", "/dev/null", "-m",
                 "SMB3_11", "-U", f"root%{PASSWORD}", "-c", f"put {local} v")
        site.ask("rpcclient", SERVER, "-s", "/dev/null", "-U",
                 f"root%{PASSWORD}", "-c",
                 "srvinfo; netshareenumall; enumdomusers; lsaquery")
        self.log = folder / "log"

    def check(self, logs):
        said = self.log.read_text(errors="replace")
        audit = re.findall(r"\|(connect|renameat|unlinkat|mkdirat)\|ok\|(.*)",
                           said)
        told = Counter(kind for kind, _ in audit)
        rows = logs["smb_files"]
        names = {"SMB::FILE_RENAME": "renameat", "SMB::FILE_DELETE":
                 "unlinkat"}
        yield ("smb: renamed and deleted",
               Counter({k: told[k] for k in names.values()}),
               Counter(names[r["action"]] for r in rows
                       if r["action"] in names))
        yield ("smb: shares connected to",
               sum(kind == "connect" and rest == "share"
                   for kind, rest in audit),
               sum(r.get("path", "").lower().endswith("\\share")
                   for r in logs["smb_mapping"]))
        yield ("smb: files carried, both ways, in three dialects",
               Counter({13 * 400: 6, LARGE: 6}),
               Counter(r["seen_bytes"] for r in logs["files"]
                       if r["source"] == "SMB"))
        yield ("smb: folders made", told["mkdirat"], sum(
            r["status"] == "SUCCESS" and (r["command"] == "CREATE_DIRECTORY" or
                                          (r.get("disposition") == "FILE_CREATE"
                                           and r.get("options", 0) & 1))
            for r in logs["smb_cmd"]))
        yield ("smb: connections to the encrypted share",
               sum(kind == "connect" and rest == "vault"
                   for kind, rest in audit),
               sum(r["encrypted"] for r in logs["smb_session"]))
        # Samba does not log calls; rpcclient makes these for its commands.
        asked = Counter(["NetrServerGetInfo", "NetrShareEnum",
                         "SamrEnumerateUsersInDomain",
                         "LsarQueryInformationPolicy"])
        yield ("dce_rpc: calls through pipes", asked,
               Counter(r["operation"] for r in logs["dce_rpc"]
                       if r["operation"] in asked))
        auth = re.findall(r"user \[[^]]*\]\\\[(\w+)\].*status \[(\w+)\]", said)
        yield ("ntlm: log-ins and refusals",
               Counter((name, status == "NT_STATUS_OK")
                       for name, status in auth),
               Counter((r.get("username"), r.get("success"))
                       for r in logs["ntlm"]))


PARTS = [Samba]
