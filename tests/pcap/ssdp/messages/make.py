"""A search and its answers, announcements, messages cut and without headers,
and what else is sent as HTTP over UDP."""
LOGS = ['ssdp', 'conn']
C, S, M = '10.0.0.1', '10.0.0.2', '239.255.255.250'

SEARCH = (b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:'
          b'discover"\r\nMX: 3\r\nST: ssdp:all\r\nUSER-AGENT: x/1\r\n\r\n')
ANSWER = (b'HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\n'
          b'LOCATION: http://10.0.0.2/d.xml\r\nSERVER: Linux UPnP/1.0 x/2\r\n'
          b'ST: upnp:rootdevice\r\nUSN: uuid:1::upnp:rootdevice\r\n\r\n')
NOTIFY = (b'NOTIFY * HTTP/1.1\r\nHost: 239.255.255.250:1900\r\nnt: urn:x\r\n'
          b'nts: ssdp:alive\r\nusn: uuid:2\r\nal: http://10.0.0.3/\r\n\r\n')


def make(cap):
    cap.udp(C, 5000, M, 1900, SEARCH)
    cap.udp(S, 1900, C, 5000, ANSWER)
    cap.udp(S, 50000, C, 5000, ANSWER.replace(b'\r\n', b'\n'))
    cap.udp(S, 1900, M, 1900, NOTIFY)
    cap.udp(S, 1900, M, 1900, NOTIFY.replace(b'alive', b'byebye'))
    cap.udp(S, 32412, M, 32412, b'M-SEARCH * HTTP/1.1\r\n\r\n')
    port = 20000
    for data in [SEARCH[:n] for n in range(0, len(SEARCH), 9)] + [
            b'HTTP/1.1 200 OK\r\nServer: x\r\n\r\n',
            b'NOTIFY * HTTP/1.1\r\n\r\n', b'NOTIFY sip:x SIP/2.0\r\n\r\n',
            b'M-SEARCH * HTTP/1.1\r\nMX: many\r\nST:\r\nno colon\r\n',
            b'HTTP/1.1 404 Not Found\r\nST: x\r\n\r\n']:
        port += 1
        cap.udp(C, port, S, 19000, data)
