/*
 * send.c - sends numbered UDP frames out of an interface, as fast as the
 * kernel takes them, and says how many went out; SIGTERM ends it early.
 *
 *	net_send INTERFACE COUNT BYTES PAIRS [FIRST]
 *
 * PAIRS is how many address pairs take turns, both directions of each; FIRST
 * is the first frame's number, 0 unless given.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { HEADERS = 42, FRAME_MAX = 1514 };

static volatile sig_atomic_t enough;

static void
on_term(int number)
{
	(void)number;
	enough = 1;
}

static void
put16(uint8_t *p, unsigned x)
{
	p[0] = (uint8_t)(x >> 8);
	p[1] = (uint8_t)x;
}

static void
put_frame(uint8_t *p, unsigned bytes, unsigned number, unsigned pairs)
{
	static const uint8_t start[24] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1,
		8, 0, 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17 };
	unsigned pair = number / 2 % pairs, back = number & 1;
	uint32_t sum = 0;

	memset(p, 0, bytes);
	memcpy(p, start, sizeof(start));
	put16(p + 16, bytes - 14);
	put16(p + 18, number);
	put16(p + 26, 0x0a00);
	put16(p + 28, back ? 0xff00 : pair);
	put16(p + 30, 0x0a00);
	put16(p + 32, back ? pair : 0xff00);
	for (unsigned i = 14; i < 34; i += 2)
		sum += (unsigned)p[i] << 8 | p[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	put16(p + 24, ~((sum & 0xffff) + (sum >> 16)));
	put16(p + 34, back ? 4000 : 5000);
	put16(p + 36, back ? 5000 : 4000);
	put16(p + 38, bytes - 34);
	memcpy(p + HEADERS, &number, sizeof(number));
}

int
main(int argc, char **argv)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	uint8_t frame[FRAME_MAX];
	unsigned count, bytes, pairs, first, sent = 0;
	struct pollfd out = { .events = POLLOUT };

	out.fd = socket(AF_PACKET, SOCK_RAW, 0);
	if ((argc != 5 && argc != 6) || out.fd < 0)
		return 2;
	to.sll_ifindex = (int)if_nametoindex(argv[1]);
	count = (unsigned)strtoul(argv[2], NULL, 10);
	bytes = (unsigned)strtoul(argv[3], NULL, 10);
	pairs = (unsigned)strtoul(argv[4], NULL, 10);
	first = argc == 6 ? (unsigned)strtoul(argv[5], NULL, 10) : 0;
	if (bytes < HEADERS + sizeof(count) || bytes > FRAME_MAX || !pairs)
		return 2;
	(void)signal(SIGTERM, on_term);
	while (sent < count && !enough) {
		put_frame(frame, bytes, first + sent, pairs);
		if (sendto(out.fd, frame, bytes, 0, (struct sockaddr *)&to,
			    sizeof(to)) >= 0)
			sent++;
		else if ((errno != ENOBUFS && errno != EAGAIN) ||
			 poll(&out, 1, -1) < 0)
			break;
	}
	printf("%u\n", sent);
	return sent == count || enough ? 0 : 1;
}
