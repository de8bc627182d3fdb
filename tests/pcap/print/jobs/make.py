"""Jobs by LPD in either order of files, and straight to the printer in PJL, cut
anywhere; commands that are no jobs, counts that lie."""
LOGS = ['print', 'conn']
A, B = '10.0.0.1', '10.0.0.2'
CONTROL = b'Hpc7\nPalice\nJSalaries 2024\nNsalaries.doc\nldfA001pc7\n'
PJL = (b'\x1b%-12345X@PJL\r\n@PJL JOB NAME = "Plan B" DISPLAY = "x"\r\n@PJL SET '
       b'USERNAME="bob"\r\n@PJL SET HOSTNAME = "pc9"\r\n@PJL COMMENT x\r\n'
       b'@PJL ENTER LANGUAGE = PCL \r\n\x1bE page')


def lpd(kind, data, name=b'A001pc7'):
    return b'%c%d %s\n' % (kind, len(data), name) + data + b'\0'


def make(cap):
    control, data = lpd(2, CONTROL, b'cfA001pc7'), lpd(3, b'D' * 5000)
    port = 5000
    for files in (control + data, data + control):
        for seg in (None, 1000, 7):
            port += 1
            t = cap.tcp(A, port, B, 515)
            t.open()
            t.c(b'\x02queue1\n', seg=seg)
            t.s(b'\0')
            t.c(files, seg=seg)
            t.s(b'\0\0')
            t.close()
    for to, seg in ((9100, None), (9100, 1), (9999, 20)):
        port += 1
        t = cap.tcp(A, port, B, to)
        t.open()
        t.c(PJL, seg=seg)
        t.s(b'@PJL USTATUS\r\n')
        t.close()
    for to, data in ((515, b'\x04queue\n'), (515, b'\x02' + b'q' * 400),
                     (515, b'\x02q\n\x02x y\n'), (515, b'\x02q\n\x01\n'),
                     (515, b'\x02q\n\x0299999999 cf\n'), (515, b'\x02q\n'),
                     (515, b'\x02q\n' + control[:40]), (9100, b'@PJL INFO\n'),
                     (9100, b'\x1b%-12345X@PJL' + b'x' * 3000),
                     (9100, b'\x1bE plain'), (9100, PJL[:60])):
        port += 1
        t = cap.tcp(A, port, B, to)
        t.open()
        t.c(data)
        t.close()
