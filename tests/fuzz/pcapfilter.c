/*
 * pcapfilter.c - fuzzes the filter of flows: any text is read to its end or
 * refused with a reason, and matching never leaves its stack.
 */
#include "tests/fuzz/fuzz.h"

#include "engine/pcap/filter.h"
#include "engine/pcap/format_priv.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pcap_flow flow = { .addr = { { 10, 0, 0, 1 },
						       { 10, 0, 0, 2 } },
		.port = { 40000, 443 },
		.proto = 6,
		.family = { 4, 4 } };
	char why[NJ_PCAP_FILTER_TEXT] = "";
	struct nj_pcap_filter *f;
	uint32_t keys[2];

	if (nj_pcap_filter_create(&f, (struct nj_view){ data, size }, why)) {
		NJ_ASSERT(!f && why[0]);
		return 0;
	}
	(void)pcap_filter_match(f, &flow);
	(void)pcap_filter_key(f, keys);
	nj_pcap_filter_destroy(&f);
	return 0;
}
