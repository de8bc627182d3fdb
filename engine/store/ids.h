/*
 * ids.h - numbers of the columns that every log type has: what a record's
 * head says. They follow on the ids of fields (1 to 63, event.h), are part of
 * the stored format, and are never reused.
 */
#ifndef NJ_STORE_IDS_H
#define NJ_STORE_IDS_H

enum {
	NJ_COL_TS = 64, /* int64, ns */
	NJ_COL_UID,     /* text as nj_uid_format writes it without a prefix;
			 * stored as its 96 bits */
	NJ_COL_ORIG_H,
	NJ_COL_RESP_H, /* addresses */
	NJ_COL_ORIG_P,
	NJ_COL_RESP_P,
	NJ_COL_VLAN, /* 0: none; as below */
	NJ_COL_VLAN_INNER,
	NJ_COL_IP_PROTO,
	NJ_COL_MAC_ORIG, /* u64 of 48 bits */
	NJ_COL_MAC_RESP,
	NJ_COL_END
};

#endif
