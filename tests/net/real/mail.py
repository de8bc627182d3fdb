"""mail.py - mail boxes: Dovecot over IMAP and POP3."""
import re
from collections import Counter

from site_kit import PASSWORD, SERVER

LETTER = ("From: a@real.test\\r\\nSubject: hello\\r\\n"
          "Content-Type: text/plain\\r\\n\\r\\nA letter.\\r\\n")
IMAP = f"""
import imaplib
m = imaplib.IMAP4({SERVER!r})
m.login("alice", {PASSWORD!r})
m.append("INBOX", None, None, b"{LETTER}")
m.select("INBOX")
m.fetch("1", "(RFC822)")
m.logout()
m = imaplib.IMAP4({SERVER!r})
try:
    m.login("alice", "wrong")
except imaplib.IMAP4.error:
    pass
m.logout()
"""
POP3 = f"""
import poplib
for password in {PASSWORD!r}, "wrong":
    m = poplib.POP3({SERVER!r})
    try:
        m.user("alice")
        m.pass_(password)
        m.retr(1)
    except poplib.error_proto:
        pass
    m.quit()
"""


class Dovecot:
    needs = ["dovecot"]

    def play(self, site):
        folder = site.folder / "dovecot"
        (folder / "run").mkdir(parents=True)
        site.own("dovecot/mail", "nobody")
        site.file("dovecot/users",
                  f"alice:{{PLAIN}}{PASSWORD}:65534:65534::{folder}/mail\n")
        conf = site.file("dovecot/conf", f"""protocols = imap pop3
listen = {SERVER}
base_dir = {folder}/run
state_dir = {folder}/run
log_path = /dev/stderr
disable_plaintext_auth = no
ssl = no
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 1
mail_location = mbox:{folder}/mail:INBOX={folder}/mail/inbox
default_internal_user = nobody
default_internal_group = nogroup
default_login_user = nobody
mail_privileged_group =
service anvil {{
 chroot =
}}
passdb {{
 driver = passwd-file
 args = {folder}/users
}}
userdb {{
 driver = passwd-file
 args = {folder}/users
}}
""")
        site.start("dovecot", "dovecot", "-F", "-c", conf, port=143)
        site.python(IMAP)
        site.python(POP3)
        self.site = site

    def settle(self):
        self.said = self.site.said("dovecot")

    def check(self, logs):
        for kind in "imap", "pop3":
            told = Counter((name, "auth failed" not in how) for how, name in
                           re.findall(kind + r"-login: Info: (Login|Disconn"
                                      r".*auth failed.*): user=<(\w+)>",
                                      self.said))
            yield (f"{kind}: log-ins and refusals", told, Counter(
                (r.get("username"), r["success"]) for r in logs[kind]
                if r["command"] in ("LOGIN", "PASS")))
        yield ("mail: letters put and fetched", 3, sum(
            r["source"] in ("IMAP", "POP3") for r in logs["files"]))


PARTS = [Dovecot]
