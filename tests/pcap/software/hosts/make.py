"""Who says what it runs: browsers and servers of HTTP/1 and HTTP/2, SSH, mail,
FTP, MySQL and DHCP. The same again is told once a day, hosts elsewhere not at
all, a name without a version as it is, bytes that are no text as they are."""
import dhcpkit
import h2kit
import mysqlkit

A, B, FAR = '10.0.0.1', '10.0.0.2', '203.0.113.9'
CHROME = (b'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 '
          b'(KHTML, like Gecko) Chrome/120.0.6099.71 Safari/537.36')
ports = iter(range(40000, 50000))


def talk(cap, server, port, lines):
    t = cap.tcp(A, next(ports), server, port)
    t.open()
    for who, line in lines:
        (t.c if who == 'c' else t.s)(line)
    t.close()


def http(cap, server, agent, fields, times=1):
    ask = b'GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: ' + agent + b'\r\n\r\n'
    answer = b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n' + fields + b'\r\n'
    talk(cap, server, 80, [('c', ask), ('s', answer)] * times)


def make(cap):
    http(cap, B, CHROME, b'Server: Apache/2.4.57 (Debian)\r\n'
         b'X-Powered-By: PHP/8.2.7\r\n', 3)
    http(cap, FAR, CHROME, b'Server: nginx/1.18.0\r\n')
    http(cap, FAR, b'Microsoft-CryptoAPI/6.1', b'')
    http(cap, FAR, b'curl', b'')
    http(cap, FAR, b'\xff\x00/\x01 ' + b'9' * 400, b'')
    http(cap, FAR, b'', b'')
    talk(cap, B, 22, [('s', b'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2\r\n'),
                      ('c', b'SSH-2.0-PuTTY_Release_0.78\r\n')])
    talk(cap, B, 2222, [('s', b'SSH-2.0-\r\n'), ('c', b'SSH-2.0\r\n')])
    mail = (b'Received: from pc (pc [10.0.0.7]) by mx; Tue\r\n'
            b'X-Mailer: Microsoft Outlook 16.0\r\n\r\nhi\r\n.\r\n')
    for mailer in (mail, mail.replace(b'Microsoft Outlook 16.0',
                                      b'Roundcube Webmail/1.6.1')):
        talk(cap, B, 25, [
            ('s', b'220 mx.example ESMTP Exim 4.96 Tue\r\n'),
            ('c', b'HELO a\r\n'), ('s', b'250 ok\r\n'),
            ('c', b'MAIL FROM:<a@b>\r\n'), ('s', b'250 ok\r\n'),
            ('c', b'RCPT TO:<c@d>\r\n'), ('s', b'250 ok\r\n'),
            ('c', b'DATA\r\n'), ('s', b'354 go\r\n'), ('c', mailer),
            ('s', b'250 ok\r\n')])
    talk(cap, B, 21, [('s', b'220-FileZilla Server 0.9.60 beta\r\n'
                            b'220-written by Tim Kosse\r\n220 Welcome\r\n'),
                      ('c', b'CLNT Total Commander 10\r\n'),
                      ('s', b'200 ok\r\n')])
    talk(cap, B, 21, [('s', b'220 (vsFTPd 3.0.3)\r\n'), ('c', b'USER x\r\n'),
                      ('s', b'331 go on\r\n')])
    talk(cap, B, 21, [('s', b'220 ready\r\n'), ('c', b'USER x\r\n'),
                      ('s', b'331 vsFTPd 9\r\n')])
    for version in (b'8.0.36', b'5.5.5-10.11.6-MariaDB-0+deb12u1'):
        talk(cap, B, 3306, [('s', mysqlkit.greeting(version=version)),
                            ('c', mysqlkit.login(b'ann')),
                            ('s', mysqlkit.ok(2))])
    head = h2kit.request('/', 'GET', ('user-agent', 'grpc-go/1.60.1'))
    t = h2kit.talk(cap, next(ports))
    t.c(h2kit.frame(h2kit.HEADERS, h2kit.END_HEADERS, 1, head))
    t.close()
    mac = '02:00:00:00:00:11'
    vendor = [(60, b'dhcpcd-9.4.1:Linux-6.1.0:x86_64')]
    cap.udp('0.0.0.0', 68, '255.255.255.255', 67, dhcpkit.message(
        1, 7, mac, dhcpkit.REQUEST, vendor))
    cap.udp(B, 67, '10.0.0.50', 68, dhcpkit.message(
        2, 7, mac, dhcpkit.ACK, yi='10.0.0.50'))
    cap.wait(86400)
    http(cap, FAR, b'curl', b'')
