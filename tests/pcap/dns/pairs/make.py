"""What belongs together: answers out of order, repeats, the same id with two
questions, an answer without a question and questions without an answer."""
from dnskit import *

C, S = '10.0.0.1', '10.0.0.53'


def reply(ident, qname, address):
    return message(ident, QR | RD | RA, [question(qname, A)],
                   [rr(ptr(12), A, bytes(address))])


def make(cap):
    def ask(port, *a):
        cap.udp(C, port, S, 53, query(*a))

    def answer(port, *a):
        cap.udp(S, 53, C, port, reply(*a))

    ask(5000, 1, 'one.example', A)
    ask(5000, 2, 'two.example', A)
    answer(5000, 2, 'two.example', [10, 0, 0, 2])
    answer(5000, 1, 'one.example', [10, 0, 0, 1])
    answer(5000, 1, 'one.example', [10, 0, 0, 1])   # a repeat
    ask(5001, 3, 'same-id-1.example', A)
    ask(5001, 3, 'same-id-2.example', A)
    answer(5001, 3, 'same-id-2.example', [10, 0, 0, 4])
    answer(5001, 3, 'same-id-1.example', [10, 0, 0, 3])
    for i in range(70):                             # more than may wait
        ask(5002, 100 + i, 'n%02d.example' % i, A)
    answer(5002, 169, 'n69.example', [10, 0, 0, 5])
    # The answer first: the flow is turned around.
    answer(5003, 5, 'late.example', [10, 0, 0, 6])
    ask(5003, 5, 'late.example', A)
    cap.wait(15)                                    # a flow ends after 10 s
    answer(5002, 100, 'n00.example', [10, 0, 0, 7])
