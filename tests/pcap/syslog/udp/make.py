"""Both forms of messages, all words for facility and severity, messages without
a priority, and text that is no syslog on another port."""
LOGS = ['syslog', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    port = 5000
    for pri in (0, 9, 18, 27, 36, 45, 54, 63, 64, 72, 80, 88, 96, 104, 112,
                120, 128, 136, 144, 152, 160, 168, 176, 191):
        cap.udp(C, port, S, 514, b'<%d>Oct 11 22:14:15 host prog[7]: text' %
                pri)
    sent = [b"<34>1 2003-10-11T22:14:15.003Z fw.example.org su - ID47 - "
            b"\xef\xbb\xbf'su root' failed", b'<34>1 - - - - - -',
            b'<13>Oct  1 02:04:05 cron: no host\n', b'<13>bare text',
            b'<192>too high', b'<1234>too long', b'<13 not closed', b'plain',
            b'<>', b'<13>', b'line\nline\x00', b'caf\xc3\xa9 \xff']
    for data in sent:
        port += 1
        cap.udp(C, port, S, 514, data)
    cap.udp(C, 6000, S, 5140, b'<13>Oct 11 22:14:15 host prog: elsewhere')
    cap.udp(C, 6001, S, 5140, b'<13>hello, is this syslog?')
    cap.udp(C, 6002, S, 514, b'\x16\x03\x01\x00\x05hello')
