/*
 * cip.h - messages of the Common Industrial Protocol (ODVA, Volume 1) as
 * EtherNet/IP carries them: the records of their services, and of the identity
 * that a device tells.
 */
#ifndef NJ_DISSECTORS_SHARED_CIP_H
#define NJ_DISSECTORS_SHARED_CIP_H

#include "engine/dissect/dissector.h"

#define NJ_CIP(F, tag)                                                         \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, U16, cip_sequence_count, NJ_OPT,                             \
		"Count within a connection")                                   \
	F(tag, 3, STR, direction, NJ_LEARN, "request or response")             \
	F(tag, 4, U8, cip_service_code, NJ_LEARN, "Service")                   \
	F(tag, 5, STR, cip_service, NJ_INDEX | NJ_LEARN, "Service by name")    \
	F(tag, 6, U8, cip_status_code, NJ_OPT | NJ_LEARN,                      \
		"General status of a response")                                \
	F(tag, 7, STR, cip_status, NJ_INDEX, "Status by name")                 \
	F(tag, 8, U32, class_id, NJ_OPT | NJ_LEARN, "Class asked")             \
	F(tag, 9, STR, class_name, NJ_INDEX | NJ_LEARN, "Class by name")       \
	F(tag, 10, U32, instance_id, NJ_OPT | NJ_LEARN, "Instance asked")      \
	F(tag, 11, U32, attribute_id, NJ_OPT | NJ_LEARN, "Attribute asked")    \
	F(tag, 12, STR, symbol, NJ_INDEX | NJ_LEARN, "Tag named, first part")  \
	F(tag, 13, BOOL, is_write, NJ_INDEX | NJ_LEARN,                        \
		"A request that writes attributes, tags or files")             \
	F(tag, 14, BOOL, is_control, NJ_INDEX | NJ_LEARN,                      \
		"A request that resets, starts, stops or changes the mode")
NJ_EVENT_DECLARE(cip, NJ_CIP);

#define NJ_CIP_IDENTITY(F, tag)                                                \
	F(tag, 1, U16, encapsulation_version, 0, "Protocol version")           \
	F(tag, 2, ADDR, socket_address, NJ_INDEX, "Address it has")            \
	F(tag, 3, U16, socket_port, 0, "Port it has")                          \
	F(tag, 4, U16, vendor_id, NJ_INDEX, "Vendor")                          \
	F(tag, 5, STR, vendor_name, NJ_INDEX, "Vendor by name")                \
	F(tag, 6, U16, device_type_id, NJ_INDEX, "Kind of device")             \
	F(tag, 7, STR, device_type_name, NJ_INDEX, "Kind by name")             \
	F(tag, 8, U16, product_code, NJ_INDEX, "Product")                      \
	F(tag, 9, STR, revision, NJ_INDEX, "Revision: major.minor")            \
	F(tag, 10, U16, device_status, 0, "Status word")                       \
	F(tag, 11, U32, serial_number, NJ_INDEX, "Serial number")              \
	F(tag, 12, STR, product_name, NJ_INDEX, "Product by name")             \
	F(tag, 13, U8, device_state, NJ_OPT, "State")
NJ_EVENT_DECLARE(cip_identity, NJ_CIP_IDENTITY);

/* Where a message stood. */
struct nj_cip_place {
	enum nj_dir dir;
	bool connected;
	uint16_t sequence; /* if connected */
};

/* A message, and those inside it (one level). False if it makes no sense. */
bool nj_cip_message(
	struct nj_dctx *d, const struct nj_cip_place *at, struct nj_view v);
/* Reads one without a record; *c is left at its data. */
bool nj_cip_read(struct nj_dctx *d, const struct nj_cip_place *at,
	struct nj_cur *c, struct cip_event *ev);
/* The identity item of an answer to ListIdentity. */
bool nj_cip_identity(struct nj_dctx *d, struct nj_view v);
bool nj_cip_identity_read(
	struct nj_dctx *d, struct nj_view v, struct cip_identity_event *ev);

#endif
