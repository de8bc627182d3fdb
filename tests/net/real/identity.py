"""identity.py - who is who: MIT Kerberos, OpenLDAP, FreeRADIUS, and the
management of devices, Net-SNMP."""
import re
import shutil
from collections import Counter

from site_kit import PASSWORD, SERVER, run, wait_for

REALM = "REAL.TEST"
BASE = "dc=real,dc=test"


class Kerberos:
    needs = ["krb5kdc", "kdb5_util", "kadmin.local", "kinit", "kvno",
             "kdestroy"]

    def play(self, site):
        folder = site.folder / "krb5"
        folder.mkdir()
        site.etc("krb5.conf", f"""[libdefaults]
 default_realm = {REALM}
 dns_lookup_kdc = false
 dns_canonicalize_hostname = false
 rdns = false
[realms]
 {REALM} = {{
  kdc = {SERVER}
 }}
""")
        conf = site.file("krb5/kdc.conf", f"""[realms]
 {REALM} = {{
  database_name = {folder}/principal
  key_stash_file = {folder}/stash
  acl_file = {folder}/acl
  kdc_listen = {SERVER}:88
  kdc_tcp_listen = {SERVER}:88
 }}
[logging]
 kdc = FILE:{folder}/log
""")
        self.log = folder / "log"
        env = {"KRB5_KDC_PROFILE": str(conf), "PATH": "/usr/bin:/usr/sbin"}
        tool = site.within(site.server)
        run(*tool, "kdb5_util", "create", "-s", "-P", PASSWORD, env=env)
        for name in "alice", "bob", "host/files.real.test":
            run(*tool, "kadmin.local", "addprinc", "-pw", PASSWORD,
                *(["+requires_preauth"] if name == "bob" else []), name,
                env=env)
        site.start("krb5kdc", "env", f"KRB5_KDC_PROFILE={conf}", "krb5kdc",
                   "-n", port=88)

        def kinit(name, password):
            # From standard input it asks without a terminal.
            path = site.file("krb5/input", password + "\n")
            with open(path) as text:
                site.ask("env", f"KRB5CCNAME=FILE:{folder}/cc", "kinit", name,
                         stdin=text, check=False)
        for name, password in (("alice", PASSWORD), ("bob", "wrong"),
                               ("mallory", "none"), ("bob", PASSWORD)):
            kinit(name, password)
        for service in "host/files.real.test", "host/nowhere.real.test":
            site.ask("env", f"KRB5CCNAME=FILE:{folder}/cc", "kvno", service,
                     check=False)

    def check(self, logs):
        told = Counter()
        for line in self.log.read_text().splitlines():
            match = re.search(r"(AS|TGS)_REQ .* 10\.78\.0\.2: (\w+): .*?"
                              r"([\w/.]+)@REAL.TEST for ([\w/.]+)@", line)
            # That a password is asked for is no failure, and failures of
            # preauthentication have a line of their own besides.
            if match and match[2] not in ("NEEDED_PREAUTH", "preauth"):
                error = None if match[2] == "ISSUE" else match[2]
                told[match[1], match[3], match[4], error] += 1
        seen = Counter()
        for r in logs["kerberos"]:
            error = None if r.get("success") else r.get("error_msg")
            seen[r["request_type"],
                 r["client"].split("@")[0].removesuffix("/" + REALM),
                 r["service"].split("@")[0], error] += 1
        yield "kerberos: requests, who, what for, answer", told, seen


class Ldap:
    needs = ["slapd", "ldapsearch", "ldapadd", "ldapmodify", "ldapdelete"]
    entries = f"""dn: {BASE}
objectClass: dcObject
objectClass: organization
dc: real
o: Real

dn: ou=people,{BASE}
objectClass: organizationalUnit
ou: people

dn: uid=alice,ou=people,{BASE}
objectClass: inetOrgPerson
uid: alice
cn: Alice
sn: A
"""

    def play(self, site):
        folder = site.folder / "ldap"
        (folder / "db").mkdir(parents=True)
        conf = site.file("ldap/slapd.conf", f"""include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/pid
database mdb
suffix "{BASE}"
rootdn "cn=admin,{BASE}"
rootpw {PASSWORD}
directory {folder}/db
maxsize 4194304
""")
        site.start("slapd", "slapd", "-h", f"ldap://{SERVER}", "-f", conf,
                   "-d", "256", port=389)
        who = ["-x", "-H", f"ldap://{SERVER}", "-D", f"cn=admin,{BASE}", "-w",
               PASSWORD]
        entries = site.file("ldap/entries", self.entries)
        change = site.file("ldap/change", f"dn: uid=alice,ou=people,{BASE}\n"
                           "changetype: modify\nreplace: sn\nsn: B\n")
        site.ask("ldapadd", *who, "-f", entries)
        site.ask("ldapsearch", *who, "-b", BASE, "(uid=alice)", "cn", "sn")
        site.ask("ldapsearch", *who, "-b", BASE, "-s", "one",
                 "(&(objectClass=*)(!(uid=b*)))")
        site.ask("ldapsearch", *who, "-b", "dc=nowhere", "(cn=x)", check=False)
        site.ask("ldapmodify", *who, "-f", change)
        site.ask("ldapdelete", *who, f"uid=alice,ou=people,{BASE}")
        site.ask("ldapsearch", *who[:-1], "wrong", "-b", BASE, check=False)
        self.site = site

    def settle(self):
        self.said = self.site.said("slapd")

    def check(self, logs):
        told = Counter()
        for word, base, scope, text in re.findall(
                r'(SRCH) base="([^"]*)" scope=(\d) deref=\d filter="(.*)"',
                self.said):
            told[base, {"0": "base", "1": "single", "2": "tree"}[scope],
                 text] += 1
        yield ("ldap: searches", told,
               Counter((r["base_object"], r["scope"], r["filter"])
                       for r in logs["ldap_search"]))
        yield ("ldap: entries found",
               sum(map(int, re.findall(r"nentries=(\d+)", self.said))),
               sum(r["result_count"] for r in logs["ldap_search"]))
        kinds = {"BIND": "bind simple", "ADD": "add", "MOD": "modify",
                 "DEL": "delete"}
        told = Counter(kinds[k] for k in re.findall(
            r"op=\d+ (BIND|ADD|MOD|DEL) dn=", self.said))
        # A bind that is granted has two lines.
        told["bind simple"] -= len(re.findall(r"BIND .*mech=", self.said))
        yield ("ldap: other requests", +told,
               Counter(r["opcode"] for r in logs["ldap"]
                       if r["opcode"] != "unbind"))
        yield ("ldap: wrong passwords", len(re.findall(
            r"RESULT tag=97 err=49", self.said)),
            sum(r.get("result") == "invalid credentials"
                for r in logs["ldap"]))


class Radius:
    needs = ["freeradius", "radtest"]

    def play(self, site):
        folder = site.folder / "radius"
        for name in ("dictionary", "mods-config/files/authorize"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/etc/freeradius/3.0/dictionary", folder / "dictionary")
        site.file("radius/users",
                  f'alice Cleartext-Password := "{PASSWORD}"\n')
        site.file("radius/radiusd.conf", f"""
prefix = /usr
libdir = /usr/lib/freeradius
logdir = {folder}
log {{
 destination = stdout
 auth = yes
}}
security {{
 allow_core_dumps = no
}}
client net {{
 ipaddr = 10.78.0.0/24
 secret = testing123
 require_message_authenticator = no
}}
modules {{
 pap {{ }}
 files {{
  filename = {folder}/users
 }}
}}
server default {{
 listen {{
  type = auth
  ipaddr = {SERVER}
  port = 1812
 }}
 authorize {{
  files
  pap
 }}
 authenticate {{
  pap
 }}
}}
""")
        site.start("radius", "freeradius", "-f", "-l", "stdout", "-d", folder,
                   port=1812, kind="udp")
        for name, password in (("alice", PASSWORD), ("alice", "wrong"),
                               ("mallory", "none")):
            site.ask("radtest", name, password, SERVER, "0", "testing123",
                     check=False)
        self.site = site

    def settle(self):
        wait_for("freeradius", lambda: len(re.findall(
            r"Login (OK|incorrect)", self.site.said("radius"))) >= 3)
        self.said = self.site.said("radius")

    def check(self, logs):
        told = Counter(
            (name, {"OK": "success", "incorrect": "failed"}[word])
            for word, name in re.findall(
                r"Login (OK|incorrect)[^[]*\[(\w+)", self.said))
        yield ("radius: users, results", told,
               Counter((r["username"], r["result"]) for r in logs["radius"]))


class Snmp:
    needs = ["snmpd", "snmpget", "snmpwalk", "snmpset"]

    def play(self, site):
        conf = site.file("snmpd.conf", "rocommunity public\nrwcommunity "
                         "private\nsysLocation cellar\n")
        site.start("snmpd", "snmpd", "-f", "-Lo", "-C", "-c", conf,
                   "-p", site.folder / "snmpd.pid", f"udp:{SERVER}:161",
                   port=161, kind="udp")
        for version in "1", "2c":
            site.ask("snmpget", "-v", version, "-c", "public", SERVER,
                     ".1.3.6.1.2.1.1.5.0")
        site.ask("snmpset", "-v", "2c", "-c", "private", SERVER,
                 ".1.3.6.1.2.1.1.4.0", "s", "me", check=False)
        site.ask("snmpwalk", "-v", "1", "-c", "public", SERVER,
                 ".1.3.6.1.2.1.1")
        # snmpInPkts, which counts this question too.
        self.told = int(site.ask("snmpget", "-v", "2c", "-Oqv", "-c", "public",
                                 SERVER, ".1.3.6.1.2.1.11.1.0"))

    def check(self, logs):
        rows = logs["snmp"]
        yield ("snmp: requests", self.told, sum(
            r["get_requests"] + r["get_bulk_requests"] + r["set_requests"]
            for r in rows) if rows else 0)
        yield ("snmp: communities", Counter({"public": 4, "private": 1}),
               Counter(r["community"] for r in rows))


PARTS = [Kerberos, Ldap, Radius, Snmp]
