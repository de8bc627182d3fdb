/*
 * cip.c - CIP services as records, see cip.h. Requests that wrap others
 * (Multiple Service Packet, Unconnected Send) are told, and then what is in
 * them; deeper than that nobody nests.
 */
#include "dissectors/shared/cip.h"
#include "dissectors/shared/words.h"

NJ_EVENT_DEFINE(cip, NJ_CIP, 0, "A CIP request or response");
NJ_EVENT_DEFINE(
	cip_identity, NJ_CIP_IDENTITY, 0, "What a CIP device says of itself");

enum {
	RESPONSE = 0x80,
	SEGMENTS_MAX = 16,
	INSIDE_MAX = 64, /* messages of one packet that are told */
	SV_MULTIPLE = 0x0a,
	SV_UNCONNECTED_SEND = 0x52,
	SV_EXECUTE_PCCC = 0x4b,
	CLASS_CONNECTION_MANAGER = 6,
	CLASS_PCCC = 0x67
};

static const struct nj_word common_services[] = {
	{ 0x01, "Get_Attributes_All" },
	{ 0x02, "Set_Attributes_All" },
	{ 0x03, "Get_Attribute_List" },
	{ 0x04, "Set_Attribute_List" },
	{ 0x05, "Reset" },
	{ 0x06, "Start" },
	{ 0x07, "Stop" },
	{ 0x08, "Create" },
	{ 0x09, "Delete" },
	{ 0x0a, "Multiple_Service_Packet" },
	{ 0x0d, "Apply_Attributes" },
	{ 0x0e, "Get_Attribute_Single" },
	{ 0x10, "Set_Attribute_Single" },
	{ 0x11, "Find_Next_Object_Instance" },
	{ 0x15, "Restore" },
	{ 0x16, "Save" },
	{ 0x17, "No_Operation" },
	{ 0x18, "Get_Member" },
	{ 0x19, "Set_Member" },
	{ 0x1a, "Insert_Member" },
	{ 0x1b, "Remove_Member" },
	{ 0x1c, "GroupSync" },
	{ 0x4b, "Execute_PCCC" },
	{ 0x4c, "Read_Tag" },
	{ 0x4d, "Write_Tag" },
	{ 0x4e, "Read_Modify_Write_Tag" },
	{ 0x52, "Read_Tag_Fragmented" },
	{ 0x53, "Write_Tag_Fragmented" },
	{ 0x55, "Get_Instance_Attribute_List" },
};
static const struct nj_word manager_services[] = {
	{ 0x4e, "Forward_Close" },
	{ 0x52, "Unconnected_Send" },
	{ 0x54, "Forward_Open" },
	{ 0x56, "Get_Connection_Data" },
	{ 0x57, "Search_Connection_Data" },
	{ 0x5a, "Get_Connection_Owner" },
	{ 0x5b, "Large_Forward_Open" },
};
static const struct nj_word classes[] = {
	{ 0x01, "Identity" },
	{ 0x02, "Message Router" },
	{ 0x03, "DeviceNet" },
	{ 0x04, "Assembly" },
	{ 0x05, "Connection" },
	{ 0x06, "Connection Manager" },
	{ 0x07, "Register" },
	{ 0x08, "Discrete Input Point" },
	{ 0x09, "Discrete Output Point" },
	{ 0x0a, "Analog Input Point" },
	{ 0x0b, "Analog Output Point" },
	{ 0x0f, "Parameter" },
	{ 0x10, "Parameter Group" },
	{ 0x28, "Motor Data" },
	{ 0x29, "Control Supervisor" },
	{ 0x2a, "AC/DC Drive" },
	{ 0x37, "File" },
	{ 0x39, "Safety Supervisor" },
	{ 0x42, "Motion Device Axis" },
	{ 0x43, "Time Sync" },
	{ 0x64, "Program Name" },
	{ 0x67, "PCCC" },
	{ 0x68, "Program" },
	{ 0x69, "Map" },
	{ 0x6b, "Symbol" },
	{ 0x6c, "Template" },
	{ 0x6f, "Backplane" },
	{ 0x70, "Task" },
	{ 0x8b, "Wall Clock" },
	{ 0x8e, "User Memory" },
	{ 0xac, "Controller" },
	{ 0xb2, "Axis" },
	{ 0xf4, "Port" },
	{ 0xf5, "TCP/IP Interface" },
	{ 0xf6, "Ethernet Link" },
};
static const struct nj_word statuses[] = {
	{ 0x00, "Success" },
	{ 0x01, "Connection failure" },
	{ 0x02, "Resource unavailable" },
	{ 0x03, "Invalid parameter value" },
	{ 0x04, "Path segment error" },
	{ 0x05, "Path destination unknown" },
	{ 0x06, "Partial transfer" },
	{ 0x07, "Connection lost" },
	{ 0x08, "Service not supported" },
	{ 0x09, "Invalid attribute value" },
	{ 0x0a, "Attribute list error" },
	{ 0x0b, "Already in requested mode" },
	{ 0x0c, "Object state conflict" },
	{ 0x0d, "Object already exists" },
	{ 0x0e, "Attribute not settable" },
	{ 0x0f, "Privilege violation" },
	{ 0x10, "Device state conflict" },
	{ 0x11, "Reply data too large" },
	{ 0x13, "Not enough data" },
	{ 0x14, "Attribute not supported" },
	{ 0x15, "Too much data" },
	{ 0x16, "Object does not exist" },
	{ 0x1e, "Embedded service error" },
	{ 0x1f, "Vendor specific error" },
	{ 0x20, "Invalid parameter" },
	{ 0x26, "Path size invalid" },
};
static const struct nj_word vendors[] = {
	{ 1, "Rockwell Automation/Allen-Bradley" },
	{ 2, "Namco Controls Corp." },
	{ 3, "Honeywell Inc." },
	{ 5, "Rockwell Automation/Reliance Elec." },
	{ 7, "SMC Corporation" },
	{ 8, "Molex Incorporated" },
	{ 12, "Banner Engineering Corp." },
	{ 26, "Festo Corporation" },
	{ 40, "Wago Corporation" },
	{ 46, "ABB Industrial Systems" },
	{ 47, "Omron Corporation" },
	{ 48, "Turck Inc." },
	{ 68, "Eaton Electrical" },
	{ 83, "OPTO-22" },
	{ 86, "Horner Electric" },
	{ 90, "HMS Industrial Networks AB" },
	{ 94, "Advantech Co. Ltd." },
	{ 95, "Square D Company" },
	{ 97, "Danfoss" },
	{ 108, "Beckhoff Automation GmbH" },
	{ 109, "National Instruments" },
	{ 119, "KUKA Roboter GmbH" },
	{ 143, "GE Industrial Systems" },
	{ 145, "Siemens Energy & Automation/Drives" },
	{ 161, "Mitsubishi Electric Corporation" },
	{ 243, "Schneider Automation Inc." },
	{ 250, "Yokogawa Electric Corporation" },
	{ 283, "Hilscher GmbH" },
	{ 309, "Prosoft Technology" },
	{ 326, "GE Fanuc Automation North America Inc." },
	{ 345, "Endress + Hauser" },
	{ 356, "Fanuc Robotics America" },
	{ 367, "Keyence Corporation" },
};
static const struct nj_word devices[] = {
	{ 0x00, "Generic Device" },
	{ 0x02, "AC Drive" },
	{ 0x03, "Motor Overload" },
	{ 0x04, "Limit Switch" },
	{ 0x05, "Inductive Proximity Switch" },
	{ 0x06, "Photoelectric Sensor" },
	{ 0x07, "General Purpose Discrete I/O" },
	{ 0x09, "Resolver" },
	{ 0x0c, "Communications Adapter" },
	{ 0x0e, "Programmable Logic Controller" },
	{ 0x10, "Position Controller" },
	{ 0x13, "DC Drive" },
	{ 0x15, "Contactor" },
	{ 0x16, "Motor Starter" },
	{ 0x17, "Soft Start" },
	{ 0x18, "Human-Machine Interface" },
	{ 0x1b, "Pneumatic Valve" },
	{ 0x1d, "Process Control Valve" },
	{ 0x1e, "Residual Gas Analyzer" },
	{ 0x22, "Encoder" },
	{ 0x23, "Safety Discrete I/O Device" },
	{ 0x25, "CIP Motion Drive" },
	{ 0x2c, "Managed Switch" },
};

/* ---- The path ---- */

static uint32_t
logical_value(struct nj_cur *c, uint8_t format)
{
	if (format == 0)
		return nj_cur_u8(c);
	nj_cur_skip(c, 1);
	return format == 1 ? nj_cur_le16(c) : nj_cur_le32(c);
}

/* Segments of kinds that carry no address are stepped over where their
 * length is known; else the rest of the path stays unread. */
static void
path(struct nj_dctx *d, struct nj_view v, struct cip_event *ev)
{
	struct nj_cur c = nj_cur(v);

	for (unsigned i = 0; i < SEGMENTS_MAX && nj_cur_left(&c); i++) {
		uint8_t segment = nj_cur_u8(&c), len;
		uint32_t value;

		if (segment == 0x91) {
			struct nj_view name;

			len = nj_cur_u8(&c);
			name = nj_cur_take(&c, len);
			nj_cur_skip(&c, len & 1);
			if (!ev->symbol.data && !c.bad)
				ev->symbol = name;
			continue;
		}
		if (segment >> 5 != 1 || (segment & 3) == 3)
			return;
		value = logical_value(&c, segment & 3);
		if (c.bad)
			return;
		switch (segment >> 2 & 7) {
		case 0:
			nj_set(ev, cip, class_id, value);
			ev->class_name = nj_word(d, classes, value);
			break;
		case 1:
			nj_set(ev, cip, instance_id, value);
			break;
		case 4:
			nj_set(ev, cip, attribute_id, value);
			break;
		default:
			break;
		}
	}
}

/* ---- Services ---- */

static struct nj_view
service_name(struct nj_dctx *d, const struct cip_event *ev)
{
	uint8_t code = ev->cip_service_code;
	const char *word = NULL;

	/* Services above 0x4a mean what their class says. A response does
	 * not name its class; what is unmistakable is named all the same. */
	if (code >= SV_EXECUTE_PCCC && nj_has(ev, cip, class_id) &&
		ev->class_id == CLASS_CONNECTION_MANAGER)
		word = nj_word_find(
			manager_services, nj_countof(manager_services), code);
	if (!word)
		word = nj_word_find(
			common_services, nj_countof(common_services), code);
	if (!word)
		word = nj_word_find(
			manager_services, nj_countof(manager_services), code);
	return word ? nj_str(word) : nj_arena_printf(d, "unknown-%u", code);
}

static bool
is_manager(const struct cip_event *ev)
{
	return nj_has(ev, cip, class_id) &&
	       ev->class_id == CLASS_CONNECTION_MANAGER;
}

/* PCCC inside Execute_PCCC: requester id with its length, command, status,
 * transaction, function. */
static void
pccc(struct nj_cur c, struct cip_event *ev)
{
	uint8_t len = nj_cur_u8(&c), command, function;

	nj_cur_skip(&c, len ? len - 1u : 0);
	command = nj_cur_u8(&c);
	nj_cur_skip(&c, 3);
	function = nj_cur_u8(&c);
	if (c.bad)
		return;
	if (command == 0x0f) {
		ev->is_write = function == 0x00 || function == 0x03 ||
			       function == 0x67 || function == 0x9c ||
			       function == 0xa9 || function == 0xaa ||
			       function == 0xab || function == 0xaf;
		ev->is_control = function == 0x3a || function == 0x50 ||
				 function == 0x52 || function == 0x80;
	} else {
		ev->is_write =
			command == 0x00 || command == 0x02 || command == 0x08;
	}
}

static void
judge(struct nj_cur body, struct cip_event *ev)
{
	uint8_t s = ev->cip_service_code;

	ev->is_control = s == 0x05 || s == 0x06 || s == 0x07;
	ev->is_write = s == 0x02 || s == 0x04 || s == 0x10 || s == 0x15 ||
		       (s >= 0x08 && s <= 0x09) || (s >= 0x19 && s <= 0x1b);
	if (is_manager(ev))
		return;
	ev->is_write |= s == 0x4d || s == 0x53 || s == 0x4e;
	if (s == SV_EXECUTE_PCCC && nj_has(ev, cip, class_id) &&
		ev->class_id == CLASS_PCCC)
		pccc(body, ev);
}

/* Reads one message. *c is left at its data. */
bool
nj_cip_read(struct nj_dctx *d, const struct nj_cip_place *at, struct nj_cur *c,
	struct cip_event *ev)
{
	uint8_t service = nj_cur_u8(c);
	bool request = !(service & RESPONSE);

	*ev = (struct cip_event){ .is_orig = at->dir == NJ_ORIG };
	ev->cip_service_code = service & 0x7f;
	if (at->connected)
		nj_set(ev, cip, cip_sequence_count, at->sequence);
	if (request) {
		ev->direction = NJ_LIT("request");
		path(d, nj_cur_take(c, nj_cur_u8(c) * (size_t)2), ev);
		judge(*c, ev);
	} else {
		ev->direction = NJ_LIT("response");
		nj_cur_skip(c, 1);
		nj_set(ev, cip, cip_status_code, nj_cur_u8(c));
		ev->cip_status = nj_word(d, statuses, ev->cip_status_code);
		nj_cur_skip(c, nj_cur_u8(c) * (size_t)2);
	}
	if (c->bad)
		return false;
	ev->cip_service = service_name(d, ev);
	return true;
}

/* The record of one message. */
static bool
tell(struct nj_dctx *d, const struct nj_cip_place *at, struct nj_cur *c,
	struct cip_event *ev)
{
	if (!nj_cip_read(d, at, c, ev))
		return false;
	(void)nj_emit(d, &cip_desc, ev);
	return true;
}

/* Multiple Service Packet: a count, and where each message begins. */
static void
multiple(struct nj_dctx *d, const struct nj_cip_place *at, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct cip_event ev;
	unsigned count = nj_cur_le16(&c);

	for (unsigned i = 0; i < count && i < INSIDE_MAX; i++) {
		struct nj_cur next, inside;
		size_t from = nj_cur_le16(&c), to;

		if (c.bad)
			return;
		next = c;
		to = i + 1 < count ? nj_cur_le16(&next) : v.len;
		if (next.bad || to < from || to > v.len)
			return;
		inside = nj_cur(nj_sub(v, from, to - from));
		if (!tell(d, at, &inside, &ev))
			return;
	}
}

static void
unconnected_send(
	struct nj_dctx *d, const struct nj_cip_place *at, struct nj_cur c)
{
	struct nj_cur inside;
	struct cip_event ev;

	nj_cur_skip(&c, 2); /* time-out */
	inside = nj_cur(nj_cur_take(&c, nj_cur_le16(&c)));
	if (!c.bad)
		(void)tell(d, at, &inside, &ev);
}

static void
inside_of(struct nj_dctx *d, const struct nj_cip_place *at,
	const struct cip_event *ev, struct nj_cur c)
{
	if (ev->cip_service_code == SV_MULTIPLE)
		multiple(d, at, nj_cur_rest(&c));
	else if (ev->cip_service_code == SV_UNCONNECTED_SEND && is_manager(ev))
		unconnected_send(d, at, c);
}

bool
nj_cip_message(
	struct nj_dctx *d, const struct nj_cip_place *at, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct cip_event ev;

	if (!tell(d, at, &c, &ev))
		return false;
	inside_of(d, at, &ev, c);
	return true;
}

bool
nj_cip_identity_read(
	struct nj_dctx *d, struct nj_view v, struct cip_identity_event *ev)
{
	struct nj_cur c = nj_cur(v);
	uint8_t major, minor;
	struct nj_view address;

	ev->encapsulation_version = nj_cur_le16(&c);
	nj_cur_skip(&c, 2); /* the socket address is in network order */
	ev->socket_port = nj_cur_u16(&c);
	address = nj_cur_take(&c, 4);
	nj_cur_skip(&c, 8);
	ev->vendor_id = nj_cur_le16(&c);
	ev->device_type_id = nj_cur_le16(&c);
	ev->product_code = nj_cur_le16(&c);
	major = nj_cur_u8(&c);
	minor = nj_cur_u8(&c);
	ev->device_status = nj_cur_le16(&c);
	ev->serial_number = nj_cur_le32(&c);
	ev->product_name = nj_cur_take(&c, nj_cur_u8(&c));
	if (c.bad)
		return false;
	ev->socket_address = nj_addr4(address.data);
	ev->vendor_name = nj_word(d, vendors, ev->vendor_id);
	ev->device_type_name = nj_word(d, devices, ev->device_type_id);
	ev->revision = nj_arena_printf(d, "%u.%u", major, minor);
	if (nj_cur_left(&c))
		nj_set(ev, cip_identity, device_state, nj_cur_u8(&c));
	return true;
}

bool
nj_cip_identity(struct nj_dctx *d, struct nj_view v)
{
	struct cip_identity_event ev = { 0 };

	if (!nj_cip_identity_read(d, v, &ev))
		return false;
	(void)nj_emit(d, &cip_identity_desc, &ev);
	return true;
}
