"""web.py - HTTP/2 in the clear: nghttp2's own server and client."""
import re
from collections import Counter

from site_kit import SERVER


class Nghttp2:
    needs = ["nghttpd", "nghttp"]

    def play(self, site):
        site.file("h2/index.html", "<html>" + "x" * 60000 + "</html>")
        site.file("h2/small.txt", "small\n")
        site.start("nghttpd", "nghttpd", "-v", "--no-tls", "--color", "-d",
                   site.folder / "h2", "-a", SERVER, "8080", port=8080)
        url = f"http://{SERVER}:8080"
        site.ask("nghttp", f"{url}/index.html", f"{url}/small.txt",
                 f"{url}/nothing")
        site.ask("nghttp", "-d", site.folder / "h2/index.html", "-H",
                 "user-agent: courier", f"{url}/small.txt")
        self.site = site

    def settle(self):
        self.said = re.sub(r"\x1b\[[0-9;]*m", "",
                           self.site.said("nghttpd"))

    def check(self, logs):
        rows = [r for r in logs["http"] if r["id.resp_p"] == 8080
                and r.get("status_code") != 101]
        yield ("http2: answers", Counter(
            re.findall(r"^ *:status: (\d+)", self.said, re.M)),
            Counter(str(r.get("status_code")) for r in rows))
        yield ("http2: targets", Counter(re.findall(
            r"recv \(stream_id=\d+\) :path: (\S+)", self.said)),
            Counter(r["uri"] for r in rows if "uri" in r))
        sent = re.findall(r"send DATA frame <length=(\d+)", self.said)
        yield ("http2: bytes of bodies", sum(map(int, sent)),
               sum(r["response_body_len"] for r in rows))


PARTS = [Nghttp2]
