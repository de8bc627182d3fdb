"""chcluster.py - three ClickHouse servers and three ZooKeeper peers on
loopback, in a folder of their own: Debian's packages, our configuration,
little memory. Used by clickhouse.py; by hand it starts a cluster, prints the
servers' addresses and keeps it until it is interrupted:

    python3 tests/net/chcluster.py [FOLDER]
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

SERVERS = (1, 2, 3)
JARS = "/usr/share/java"
MISSING = None
if not shutil.which("clickhouse-server"):
    MISSING = "clickhouse-server is not installed"
elif not shutil.which("java") or not os.path.exists(JARS + "/zookeeper.jar"):
    MISSING = "zookeeper is not installed"

USERS = """<yandex><profiles><default>
<max_memory_usage>1000000000</max_memory_usage>
<max_threads>2</max_threads></default></profiles>
<users><default><password></password><networks><ip>::/0</ip></networks>
<profile>default</profile><quota>default</quota></default>
<nightjar><password>%s</password><networks><ip>::/0</ip></networks>
<profile>default</profile><quota>default</quota></nightjar></users>
<quotas><default><interval><duration>3600</duration><queries>0</queries>
<errors>0</errors><result_rows>0</result_rows><read_rows>0</read_rows>
<execution_time>0</execution_time></interval></default></quotas></yandex>
"""


def free_ports(n):
    held = []
    for _ in range(n):
        s = socket.socket()
        s.bind(("127.0.0.1", 0))
        held.append(s)
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


class Server:
    """One ClickHouse server."""

    def __init__(self, cluster, number, http, tcp, between):
        self.cluster, self.number = cluster, number
        self.http, self.tcp, self.between = http, tcp, between
        self.folder = cluster.folder / f"ch{number}"
        self.url = f"http://127.0.0.1:{http}"
        self.process = None

    def configure(self):
        c = self.cluster
        for name in ("data", "tmp", "log"):
            (self.folder / name).mkdir(parents=True)
        peers = "".join(
            f'<node index="{i}"><host>127.0.0.1</host><port>{p}</port></node>'
            for i, p in enumerate(c.zk_client, 1))
        replicas = "".join(
            "<replica><host>127.0.0.1</host>"
            f"<port>{s.tcp}</port></replica>" for s in c.servers)
        f = self.folder
        (f / "users.xml").write_text(USERS % c.password)
        (f / "config.xml").write_text(f"""<yandex>
<logger><level>information</level><log>{f}/log/server.log</log>
<errorlog>{f}/log/error.log</errorlog><size>20M</size><count>2</count></logger>
<http_port>{self.http}</http_port><tcp_port>{self.tcp}</tcp_port>
<interserver_http_port>{self.between}</interserver_http_port>
<interserver_http_host>127.0.0.1</interserver_http_host>
<listen_host>127.0.0.1</listen_host>
<path>{f}/data/</path><tmp_path>{f}/tmp/</tmp_path>
<users_config>{f}/users.xml</users_config>
<default_profile>default</default_profile>
<default_database>default</default_database>
<mark_cache_size>67108864</mark_cache_size>
<max_concurrent_queries>50</max_concurrent_queries>
<timezone>UTC</timezone>
<zookeeper>{peers}<session_timeout_ms>10000</session_timeout_ms></zookeeper>
<macros><shard>1</shard><replica>r{self.number}</replica></macros>
<remote_servers><night><shard>
<internal_replication>true</internal_replication>{replicas}
</shard></night></remote_servers>
<distributed_ddl><path>/clickhouse/task_queue/ddl</path></distributed_ddl>
<merge_tree><old_parts_lifetime>60</old_parts_lifetime></merge_tree>
</yandex>
""")

    def start(self):
        log = open(self.folder / "log" / "stdout", "ab")
        self.process = subprocess.Popen(
            ["clickhouse-server", f"--config-file={self.folder}/config.xml"],
            cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def query(self, sql, timeout=60):
        """The answer's text; raises RuntimeError with the server's words."""
        request = urllib.request.Request(
            self.url + "/?" + urllib.parse.urlencode(
                {"user": "nightjar", "password": self.cluster.password}),
            data=sql.encode())
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.read().decode(errors="replace")
        except urllib.error.HTTPError as e:
            raise RuntimeError(e.read().decode(errors="replace")) from None

    def answers(self):
        try:
            return self.query("SELECT 1", timeout=2).strip() == "1"
        except (OSError, RuntimeError):
            return False


class Cluster:
    def __init__(self, folder=None):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="njch-"))
        self.password = "correct horse"
        ports = free_ports(18)
        self.zk_client, self.zk_peer, self.zk_elect = (
            ports[0:3], ports[3:6], ports[6:9])
        self.servers = [Server(self, n, *ports[9 + 3 * i:12 + 3 * i])
                        for i, n in enumerate(SERVERS)]
        self.peers = []

    def start(self, wait_s=60):
        for i in range(3):
            self.start_peer(i)
        # 18.16 dies of a null pointer when it has no ZooKeeper at its start.
        self.wait_peers(wait_s)
        for s in self.servers:
            s.configure()
            s.start()
        self.wait(wait_s)

    def start_peer(self, i):
        home = self.folder / f"zk{i + 1}"
        (home / "data").mkdir(parents=True)
        (home / "data" / "myid").write_text(str(i + 1))
        peers = "".join(
            f"server.{n + 1}=127.0.0.1:{self.zk_peer[n]}:{self.zk_elect[n]}\n"
            for n in range(3))
        (home / "zoo.cfg").write_text(
            "tickTime=1000\ninitLimit=20\nsyncLimit=10\n"
            f"dataDir={home}/data\nclientPort={self.zk_client[i]}\n"
            "clientPortAddress=127.0.0.1\nadmin.enableServer=false\n"
            "maxClientCnxns=0\nforceSync=no\n"
            "4lw.commands.whitelist=srvr\n" + peers)
        log = open(home / "log", "ab")
        self.peers.append(subprocess.Popen(
            ["java", "-Xmx128m", "-XX:+UseSerialGC",
             "-XX:TieredStopAtLevel=1",
             "-Dzookeeper.log.dir=" + str(home),
             "-cp", JARS + "/zookeeper.jar:" + JARS + "/*",
             "org.apache.zookeeper.server.quorum.QuorumPeerMain",
             str(home / "zoo.cfg")],
            cwd=home, stdout=log, stderr=log, stdin=subprocess.DEVNULL))
        log.close()

    def wait_peers(self, wait_s):
        end = time.monotonic() + wait_s
        for port in self.zk_client:
            while not self.serves(port):
                if time.monotonic() > end:
                    raise RuntimeError("ZooKeeper does not come up, see "
                                       f"{self.folder}/zk*/log")
                time.sleep(0.2)

    @staticmethod
    def serves(port):
        """Whether a peer has found the others."""
        try:
            with socket.create_connection(("127.0.0.1", port), 2) as s:
                s.sendall(b"srvr")
                return b"Mode:" in s.recv(4096)
        except OSError:
            return False

    def wait(self, wait_s):
        end = time.monotonic() + wait_s
        for s in self.servers:
            while not s.answers() or not self.has_zookeeper(s):
                if time.monotonic() > end:
                    raise RuntimeError(f"server {s.number} does not come up, "
                                       f"see {s.folder}/log")
                time.sleep(0.2)

    @staticmethod
    def has_zookeeper(server):
        try:
            server.query("SELECT count() FROM system.zookeeper "
                         "WHERE path = '/'", timeout=5)
            return True
        except (OSError, RuntimeError):
            return False

    def stop(self):
        for s in self.servers:
            s.stop()
        for p in self.peers:
            p.kill()
            p.wait()

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    if MISSING:
        sys.exit(MISSING)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    cluster = Cluster(sys.argv[1] if len(sys.argv) > 1 else None)
    try:
        start = time.monotonic()
        cluster.start()
        print(f"up in {time.monotonic() - start:.1f} s",
              *(s.url for s in cluster.servers), flush=True)
        signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        cluster.remove()


if __name__ == "__main__":
    main()
