"""data.py - data stores and messages: Redis, MariaDB, PostgreSQL, Mosquitto."""
import pathlib
import re
import shutil
import subprocess
from collections import Counter

from site_kit import PASSWORD, SERVER, run, wait_for


class Redis:
    needs = ["redis-server", "redis-cli"]
    commands = (["SET", "colour", "blue"], ["GET", "colour"],
                ["LPUSH", "list", "a", "b"], ["LRANGE", "list", "0", "-1"],
                ["INCR", "colour"], ["PUBLISH", "news", "hello"],
                ["GET", "nothing"])

    def play(self, site):
        site.start("redis", "redis-server", "--bind", SERVER, "--port", 6379,
                   "--save", "", "--protected-mode", "no", "--dir",
                   site.folder, port=6379)
        # What the server sees, told over a socket that tcpdump does not see.
        monitor = subprocess.Popen(
            [*site.within(site.server), "redis-cli", "-h", SERVER, "monitor"],
            stdout=open(site.folder / "redis.monitor", "w"))
        site.processes.append(monitor)
        told = site.folder / "redis.monitor"
        wait_for("redis monitor", lambda: "OK" in told.read_text())
        for command in self.commands:
            site.ask("redis-cli", "-h", SERVER, *command)
        wait_for("redis monitor", lambda: '"nothing"' in told.read_text())
        self.told = told.read_text()

    def check(self, logs):
        told = Counter(tuple(w.lower() for w in re.findall(r'"(\w+)"', line))
                       for line in self.told.splitlines() if "] " in line)
        seen = Counter(
            tuple(r["cmd.name"].lower().split())
            for r in logs["redis"] if r["cmd.name"] != "MONITOR")
        yield ("redis: commands", Counter(k[0] for k in told.elements()),
               Counter(k[0] for k in seen.elements()))


class Mariadb:
    needs = ["mariadbd", "mariadb", "mariadb-install-db"]
    queries = ("select 1", "create database shop",
               "create table shop.item (id int, name text)",
               "insert into shop.item values (1, 'lamp'), (2, 'chair')",
               "select * from shop.item", "select * from shop.nothing")

    def play(self, site):
        data = site.own("mariadb", "nobody")
        run("mariadb-install-db", "--no-defaults", f"--datadir={data}",
            "--user=nobody", "--auth-root-authentication-method=normal",
            "--skip-test-db")
        init = site.file("mariadb.init", "create user shop@'%%' identified by "
                         "'%s';\ngrant all on *.* to shop@'%%';\n" % PASSWORD)
        self.log = data / "general.log"
        site.start("mariadb", "mariadbd", "--no-defaults", f"--datadir={data}",
                   "--user=nobody", f"--bind-address={SERVER}", "--port=3306",
                   "--skip-name-resolve",
                   f"--socket={data}/socket", "--general-log=1",
                   f"--general-log-file={self.log}", f"--init-file={init}",
                   "--innodb-buffer-pool-size=8M", "--innodb-log-file-size=4M",
                   port=3306)
        for query in self.queries:
            site.ask("mariadb", "--no-defaults", "-h", SERVER, "-u", "shop",
                     f"-p{PASSWORD}", "--skip-ssl", "-e", query, check=False)
        site.ask("mariadb", "--no-defaults", "-h", SERVER, "-u", "shop",
                 "-pwrong", "--skip-ssl", "-e", "select 2", check=False)

    def check(self, logs):
        text = self.log.read_text(errors="replace")
        told = Counter(m.lower() for m in re.findall(
            r"^[\t\d :-]*\t *\d+ Query\t(.+)$", text, re.M))
        told = Counter({k: n for k, n in told.items() if "identified" not in k
                        and "grant all" not in k})
        yield ("mysql: statements", told,
               Counter(r["arg"].lower() for r in logs["mysql"]
                       if r["cmd"] == "query"))
        yield ("mysql: log-ins refused", text.count("Access denied"),
               sum(r["cmd"] == "login" and r.get("success") is False
                   for r in logs["mysql"]))


class Postgresql:
    needs = ["/usr/lib/postgresql/15/bin/postgres", "psql"]
    queries = ("select 1", "create table item (id int, name text)",
               "insert into item values (1, 'lamp')", "select * from item",
               "select * from nothing")

    def play(self, site):
        data = site.own("postgres", "postgres")
        tools = pathlib.Path("/usr/lib/postgresql/15/bin")
        runuser = ["runuser", "-u", "postgres", "--"]
        run(*runuser, tools / "initdb", "-D", data, "-A", "trust", "-N",
            cwd="/")
        with open(data / "pg_hba.conf", "a") as f:
            f.write("host all all 10.78.0.0/24 trust\n")
        site.start("postgres", *runuser, tools / "postgres", "-D", data, "-h",
                   SERVER, "-k", data, "-c", "log_statement=all", "-c",
                   "log_connections=on", port=5432, cwd="/")
        for query in self.queries:
            site.ask("psql", "-h", SERVER, "-U", "postgres", "-c", query,
                     check=False)
        self.site = site

    def check(self, logs):
        told = Counter(re.findall(r"statement: (.+)", self.said))
        yield ("postgresql: statements", told,
               Counter(r["frontend_arg"] for r in logs["postgresql"]
                       if r.get("frontend") == "simple_query"))
        yield ("postgresql: log-ins",
               self.said.count("connection authorized"),
               sum(r.get("frontend") == "startup"
                   for r in logs["postgresql"]))

    def settle(self):
        self.said = self.site.said("postgres")


class Mosquitto:
    needs = ["mosquitto", "mosquitto_pub", "mosquitto_sub"]

    def play(self, site):
        conf = site.file("mosquitto.conf", f"listener 1883 {SERVER}\n"
                         "allow_anonymous true\nlog_type all\n"
                         "log_dest stderr\nuser root\n")
        site.start("mosquitto", "mosquitto", "-c", conf, port=1883)
        listener = subprocess.Popen(
            [*site.within(site.client), "mosquitto_sub", "-h", SERVER, "-t",
             "plant/#", "-q", "1", "-C", "4", "-i", "wall"],
            stdout=subprocess.DEVNULL)
        wait_for("mosquitto: subscription",
                 lambda: "SUBSCRIBE from wall" in site.said("mosquitto"))
        for number, version in enumerate(("mqttv31", "mqttv311", "mqttv5",
                                          "mqttv5")):
            site.ask("mosquitto_pub", "-h", SERVER, "-V", version, "-t",
                     f"plant/{number}", "-m", "x" * (number + 1), "-q",
                     number % 3, "-i", f"pump{number}")
        listener.wait(20)
        self.site = site

    def settle(self):
        wait_for("mosquitto: goodbyes", lambda: self.site.said("mosquitto")
                 .count("Received DISCONNECT from") >= 5)
        self.said = self.site.said("mosquitto")

    def check(self, logs):
        yield ("mqtt: clients", Counter(re.findall(
            r"New client connected from \S+ as (\S+)", self.said)),
            Counter(r["client_id"] for r in logs["mqtt_connect"]))
        got = re.findall(r"Received PUBLISH from \S+ \(d\d, q(\d), r\d, m\d+, "
                         r"'([^']+)', .* \((\d+) bytes\)", self.said)
        quality = {"0": "at most once", "1": "at least once",
                   "2": "exactly once"}
        yield ("mqtt: messages to the server",
               Counter((quality[q], t, int(n)) for q, t, n in got),
               Counter((r["qos"], r["topic"], r["payload_len"])
                       for r in logs["mqtt_publish"] if r["from_client"]))
        yield ("mqtt: subscriptions",
               self.said.count("Received SUBSCRIBE from"),
               sum(r["action"] == "MQTT::SUBSCRIBE"
                   for r in logs["mqtt_subscribe"]))


PARTS = [Redis, Mariadb, Postgresql, Mosquitto]
