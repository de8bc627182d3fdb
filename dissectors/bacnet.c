/*
 * bacnet.c - BACnet/IP (ASHRAE 135 annex J): what is read from and written to
 * the devices of a building, who is there, and what restarts them.
 *
 * One record a message of the network or application layer. Of services with
 * several objects the first is named.
 *
 * Not done: segments after the first, BACnet/SC (TLS), values of structured
 * properties.
 */
#include "dissectors/shared/words.h"

#define BACNET(F, tag)                                                         \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, STR, bvlc_function, NJ_INDEX | NJ_LEARN,                     \
		"Function of the virtual link")                                \
	F(tag, 3, STR, pdu_type, NJ_INDEX | NJ_LEARN,                          \
		"Kind of message; NPDU for one of the network layer")          \
	F(tag, 4, STR, pdu_service, NJ_INDEX | NJ_LEARN, "Service")            \
	F(tag, 5, U8, invoke_id, NJ_OPT, "Links answers to requests")          \
	F(tag, 6, STR, result_code, NJ_INDEX,                                  \
		"Error, or reason of a reject or abort")                       \
	F(tag, 7, STR, object_type, NJ_INDEX | NJ_LEARN, "Object")             \
	F(tag, 8, U32, instance_number, NJ_OPT | NJ_INDEX, "Its number")       \
	F(tag, 9, STR, property, NJ_INDEX | NJ_LEARN, "Property")              \
	F(tag, 10, U32, array_index, NJ_OPT, "Index in the property")          \
	F(tag, 11, STR, value, 0, "Value written or answered, if plain")       \
	F(tag, 12, U16, vendor, NJ_OPT | NJ_INDEX, "Vendor id of an i-am")     \
	F(tag, 13, STR, device_state, NJ_INDEX,                                \
		"State that a device shall take")                              \
	F(tag, 14, STR, range, 0, "Device numbers that a who-is is for")       \
	F(tag, 15, BOOL, is_write, NJ_INDEX | NJ_LEARN,                        \
		"A request that writes properties, objects, lists or files")   \
	F(tag, 16, BOOL, is_control, NJ_INDEX | NJ_LEARN,                      \
		"A request that restarts or silences a device, or sets its "   \
		"clock")

NJ_EVENT(bacnet, BACNET, "A BACnet message");

enum {
	TYPE_BIP = 0x81,
	BVLC_BYTES = 4,
	FN_FORWARDED = 4,
	FN_SECURE = 12,
	FN_DISTRIBUTE = 9,
	NPDU_NETWORK = 0x80,
	NPDU_DEST = 0x20,
	NPDU_SOURCE = 0x08,
	TAGS_MAX = 8,
	TEXT_MAX = 128,
	CONFIRMED = 0,
	UNCONFIRMED = 1,
	SIMPLE_ACK = 2,
	COMPLEX_ACK = 3,
	SEGMENT_ACK = 4,
	ERROR = 5,
	REJECT = 6,
	ABORT = 7,
	READ_PROPERTY = 12,
	READ_MULTIPLE = 14,
	WRITE_PROPERTY = 15,
	WRITE_MULTIPLE = 16,
	COMMUNICATION_CONTROL = 17,
	REINITIALIZE = 20,
	I_AM = 0,
	I_HAVE = 1,
	TIME_SYNC = 6,
	WHO_HAS = 7,
	WHO_IS = 8,
	UTC_TIME_SYNC = 9
};

enum { ODD_LENGTH, ODD_BODY };
static const struct nj_oddity oddities[] = {
	[ODD_LENGTH] = { "bacnet_length",
		"A length is not that of the packet" },
	[ODD_BODY] = { "bacnet_body",
		"A message that is cut, or makes no sense" },
	{ 0 },
};

struct bacnet {
	bool found;
};

static const struct nj_word functions[] = {
	{ 0, "BVLC-Result" },
	{ 1, "Write-Broadcast-Distribution-Table" },
	{ 2, "Read-Broadcast-Distribution-Table" },
	{ 3, "Read-Broadcast-Distribution-Table-Ack" },
	{ 4, "Forwarded-NPDU" },
	{ 5, "Register-Foreign-Device" },
	{ 6, "Read-Foreign-Device-Table" },
	{ 7, "Read-Foreign-Device-Table-Ack" },
	{ 8, "Delete-Foreign-Device-Table-Entry" },
	{ 9, "Distribute-Broadcast-To-Network" },
	{ 10, "Original-Unicast-NPDU" },
	{ 11, "Original-Broadcast-NPDU" },
	{ 12, "Secure-BVLL" },
};
static const struct nj_word network[] = {
	{ 0, "who_is_router_to_network" },
	{ 1, "i_am_router_to_network" },
	{ 2, "i_could_be_router_to_network" },
	{ 3, "reject_message_to_network" },
	{ 4, "router_busy_to_network" },
	{ 5, "router_available_to_network" },
	{ 6, "initialize_routing_table" },
	{ 7, "initialize_routing_table_ack" },
	{ 8, "establish_connection_to_network" },
	{ 9, "disconnect_connection_to_network" },
	{ 18, "what_is_network_number" },
	{ 19, "network_number_is" },
};
static const struct nj_word kinds[] = {
	{ 0, "CONFIRMED_REQUEST" },
	{ 1, "UNCONFIRMED_REQUEST" },
	{ 2, "SIMPLE_ACK" },
	{ 3, "COMPLEX_ACK" },
	{ 4, "SEGMENT_ACK" },
	{ 5, "ERROR" },
	{ 6, "REJECT" },
	{ 7, "ABORT" },
};
static const struct nj_word confirmed[] = {
	{ 0, "acknowledge_alarm" },
	{ 1, "confirmed_cov_notification" },
	{ 2, "confirmed_event_notification" },
	{ 3, "get_alarm_summary" },
	{ 4, "get_enrollment_summary" },
	{ 5, "subscribe_cov" },
	{ 6, "atomic_read_file" },
	{ 7, "atomic_write_file" },
	{ 8, "add_list_element" },
	{ 9, "remove_list_element" },
	{ 10, "create_object" },
	{ 11, "delete_object" },
	{ 12, "read_property" },
	{ 13, "read_property_conditional" },
	{ 14, "read_property_multiple" },
	{ 15, "write_property" },
	{ 16, "write_property_multiple" },
	{ 17, "device_communication_control" },
	{ 18, "confirmed_private_transfer" },
	{ 19, "confirmed_text_message" },
	{ 20, "reinitialize_device" },
	{ 21, "vt_open" },
	{ 22, "vt_close" },
	{ 23, "vt_data" },
	{ 24, "authenticate" },
	{ 25, "request_key" },
	{ 26, "read_range" },
	{ 27, "life_safety_operation" },
	{ 28, "subscribe_cov_property" },
	{ 29, "get_event_information" },
	{ 30, "subscribe_cov_property_multiple" },
	{ 31, "confirmed_cov_notification_multiple" },
};
static const struct nj_word unconfirmed[] = {
	{ 0, "i_am" },
	{ 1, "i_have" },
	{ 2, "unconfirmed_cov_notification" },
	{ 3, "unconfirmed_event_notification" },
	{ 4, "unconfirmed_private_transfer" },
	{ 5, "unconfirmed_text_message" },
	{ 6, "time_synchronization" },
	{ 7, "who_has" },
	{ 8, "who_is" },
	{ 9, "utc_time_synchronization" },
	{ 10, "write_group" },
	{ 11, "unconfirmed_cov_notification_multiple" },
};
static const struct nj_word objects[] = {
	{ 0, "analog_input" },
	{ 1, "analog_output" },
	{ 2, "analog_value" },
	{ 3, "binary_input" },
	{ 4, "binary_output" },
	{ 5, "binary_value" },
	{ 6, "calendar" },
	{ 7, "command" },
	{ 8, "device" },
	{ 9, "event_enrollment" },
	{ 10, "file" },
	{ 11, "group" },
	{ 12, "loop" },
	{ 13, "multi_state_input" },
	{ 14, "multi_state_output" },
	{ 15, "notification_class" },
	{ 16, "program" },
	{ 17, "schedule" },
	{ 18, "averaging" },
	{ 19, "multi_state_value" },
	{ 20, "trend_log" },
	{ 21, "life_safety_point" },
	{ 22, "life_safety_zone" },
	{ 23, "accumulator" },
	{ 24, "pulse_converter" },
	{ 25, "event_log" },
	{ 27, "trend_log_multiple" },
	{ 28, "load_control" },
	{ 29, "structured_view" },
	{ 30, "access_door" },
	{ 56, "network_port" },
};
static const struct nj_word properties[] = {
	{ 4, "active_text" },
	{ 8, "all" },
	{ 11, "apdu_timeout" },
	{ 12, "application_software_version" },
	{ 22, "cov_increment" },
	{ 28, "description" },
	{ 30, "device_address_binding" },
	{ 36, "event_state" },
	{ 44, "firmware_revision" },
	{ 45, "high_limit" },
	{ 46, "inactive_text" },
	{ 56, "local_date" },
	{ 57, "local_time" },
	{ 58, "location" },
	{ 59, "low_limit" },
	{ 62, "max_apdu_length_accepted" },
	{ 70, "model_name" },
	{ 75, "object_identifier" },
	{ 76, "object_list" },
	{ 77, "object_name" },
	{ 79, "object_type" },
	{ 80, "optional" },
	{ 81, "out_of_service" },
	{ 85, "present_value" },
	{ 87, "priority_array" },
	{ 96, "protocol_object_types_supported" },
	{ 97, "protocol_services_supported" },
	{ 98, "protocol_version" },
	{ 103, "reliability" },
	{ 104, "relinquish_default" },
	{ 105, "required" },
	{ 107, "segmentation_supported" },
	{ 111, "status_flags" },
	{ 112, "system_status" },
	{ 117, "units" },
	{ 120, "vendor_identifier" },
	{ 121, "vendor_name" },
	{ 123, "weekly_schedule" },
	{ 139, "protocol_revision" },
	{ 155, "database_revision" },
};
static const struct nj_word reinit_states[] = {
	{ 0, "coldstart" },
	{ 1, "warmstart" },
	{ 2, "start_backup" },
	{ 3, "end_backup" },
	{ 4, "start_restore" },
	{ 5, "end_restore" },
	{ 6, "abort_restore" },
	{ 7, "activate_changes" },
};
static const struct nj_word enable_states[] = {
	{ 0, "enable" },
	{ 1, "disable" },
	{ 2, "disable_initiation" },
};

/* ---- Tags (clause 20.2) ---- */

struct tag {
	uint8_t number;
	bool context, opening, closing;
	struct nj_view value;
	uint32_t number_value; /* value as an unsigned number */
};

static bool
tag_next(struct nj_cur *c, struct tag *t)
{
	uint8_t head = nj_cur_u8(c);
	uint32_t len = head & 7;

	*t = (struct tag){ .number = head >> 4, .context = head >> 3 & 1 };
	if (t->number == 15)
		t->number = nj_cur_u8(c);
	if (t->context && len == 6) {
		t->opening = true;
		return !c->bad;
	}
	if (t->context && len == 7) {
		t->closing = true;
		return !c->bad;
	}
	/* A boolean's value stands where others have their length. */
	if (!t->context && t->number == 1) {
		t->number_value = len;
		return !c->bad;
	}
	if (len == 5)
		len = nj_cur_u8(c);
	if (len == 254)
		len = nj_cur_u16(c);
	else if (len == 255)
		len = nj_cur_u32(c);
	t->value = nj_cur_take(c, len);
	for (size_t i = 0; i < t->value.len && i < 4; i++)
		t->number_value = t->number_value << 8 | t->value.data[i];
	return !c->bad;
}

static void
object(struct nj_dctx *d, const struct tag *t, struct bacnet_event *ev)
{
	if (t->value.len != 4)
		return;
	ev->object_type = nj_word(d, objects, t->number_value >> 22);
	nj_set(ev, bacnet, instance_number, t->number_value & 0x3fffff);
}

/* An application value as text; empty where it is not a plain one. */
static struct nj_view
text_of(struct nj_dctx *d, const struct tag *t)
{
	union {
		uint32_t u;
		float f;
	} real = { t->number_value };
	uint32_t n = t->number_value;

	switch (t->number) {
	case 0:
		return NJ_LIT("null");
	case 1:
		return n ? NJ_LIT("true") : NJ_LIT("false");
	case 2:
	case 9:
		return nj_arena_printf(d, "%u", n);
	case 3:
		if (t->value.len && t->value.len < 4 &&
			(t->value.data[0] & 0x80))
			n |= UINT32_MAX << 8 * t->value.len;
		return nj_arena_printf(d, "%d", (int)n);
	case 4:
		return t->value.len == 4
			       ? nj_arena_printf(d, "%g", (double)real.f)
			       : (struct nj_view){ 0 };
	case 7: /* the first byte names the character set */
		return nj_sub(t->value, 1, TEXT_MAX);
	case 12:
		return nj_arena_printf(d, "%u:%u", n >> 22, n & 0x3fffff);
	default:
		return (struct nj_view){ 0 };
	}
}

/* Object, property, index and value, as the property services have them. */
static void
property(struct nj_dctx *d, struct nj_cur *c, struct bacnet_event *ev)
{
	bool inside = false, valued = false;
	struct tag t;

	for (unsigned i = 0; i < TAGS_MAX && nj_cur_left(c); i++) {
		if (!tag_next(c, &t))
			return;
		if (t.closing) {
			inside = false;
		} else if (t.opening) {
			inside = true;
			valued =
				t.number == 3 || t.number == 2 || t.number == 4;
		} else if (t.context && t.number == 0 &&
			   !ev->object_type.data) {
			object(d, &t, ev);
		} else if (t.context && (!ev->property.data || t.number == 0)) {
			/* Number 0 once more: that of a list of several. */
			ev->property = nj_word(d, properties, t.number_value);
		} else if (t.context && !inside) {
			nj_set(ev, bacnet, array_index, t.number_value);
		} else if (!t.context && inside && valued && !ev->value.data) {
			ev->value = text_of(d, &t);
		}
	}
}

/* ---- Services ---- */

static void
control_request(struct nj_dctx *d, uint8_t service, struct nj_cur *c,
	struct bacnet_event *ev)
{
	struct tag t;

	ev->is_control = true;
	for (unsigned i = 0; i < 3 && nj_cur_left(c); i++) {
		if (!tag_next(c, &t))
			return;
		if (service == REINITIALIZE && t.number == 0)
			ev->device_state =
				nj_word(d, reinit_states, t.number_value);
		else if (service == COMMUNICATION_CONTROL && t.number == 1)
			ev->device_state =
				nj_word(d, enable_states, t.number_value);
	}
}

static void
confirmed_body(struct nj_dctx *d, uint8_t service, struct nj_cur *c,
	struct bacnet_event *ev)
{
	switch (service) {
	case COMMUNICATION_CONTROL:
	case REINITIALIZE:
		control_request(d, service, c, ev);
		return;
	case 7:
	case 8:
	case 9:
	case 10:
	case 11:
	case WRITE_PROPERTY:
	case WRITE_MULTIPLE:
		ev->is_write = true;
		break;
	case 27: /* life safety: silence, reset */
		ev->is_control = true;
		return;
	default:
		break;
	}
	if ((service >= 8 && service <= 9) || service == READ_PROPERTY ||
		service == READ_MULTIPLE || service == WRITE_PROPERTY ||
		service == WRITE_MULTIPLE || service == 26)
		property(d, c, ev);
}

static void
i_am(struct nj_dctx *d, struct nj_cur *c, struct bacnet_event *ev)
{
	struct tag t;

	for (unsigned i = 0; i < 4 && nj_cur_left(c); i++) {
		if (!tag_next(c, &t) || t.context)
			return;
		if (i == 0)
			object(d, &t, ev);
		else if (i == 3)
			nj_set(ev, bacnet, vendor, (uint16_t)t.number_value);
	}
}

static void
who(struct nj_dctx *d, struct nj_cur *c, struct bacnet_event *ev)
{
	uint32_t low = 0, high = 0;
	bool ranged = false;
	struct tag t;

	for (unsigned i = 0; i < 4 && nj_cur_left(c); i++) {
		if (!tag_next(c, &t))
			return;
		if (t.context && t.number == 0) {
			low = t.number_value;
		} else if (t.context && t.number == 1) {
			high = t.number_value;
			ranged = true;
		} else if (t.context && t.number == 2) {
			object(d, &t, ev);
		} else if (t.context && t.number == 3 && t.value.len) {
			ev->value = nj_sub(t.value, 1, TEXT_MAX);
		}
	}
	ev->range =
		ranged ? nj_arena_printf(d, "%u-%u", low, high) : NJ_LIT("All");
}

static void
i_have(struct nj_dctx *d, struct nj_cur *c, struct bacnet_event *ev)
{
	struct tag t;

	for (unsigned i = 0; i < 3 && nj_cur_left(c); i++) {
		if (!tag_next(c, &t) || t.context)
			return;
		if (i == 1)
			object(d, &t, ev);
		else if (i == 2)
			ev->value = text_of(d, &t);
	}
}

static void
unconfirmed_body(struct nj_dctx *d, uint8_t service, struct nj_cur *c,
	struct bacnet_event *ev)
{
	switch (service) {
	case I_AM:
		i_am(d, c, ev);
		break;
	case I_HAVE:
		i_have(d, c, ev);
		break;
	case WHO_HAS:
	case WHO_IS:
		who(d, c, ev);
		break;
	case TIME_SYNC:
	case UTC_TIME_SYNC:
		ev->is_control = true;
		break;
	case 10: /* write_group */
		ev->is_write = true;
		break;
	default:
		break;
	}
}

/* ---- Application and network layer ---- */

static void
error_body(struct nj_dctx *d, struct nj_cur *c, struct bacnet_event *ev)
{
	struct tag class, code;

	if (tag_next(c, &class) && class.opening && !tag_next(c, &class))
		return;
	if (!c->bad && tag_next(c, &code))
		ev->result_code = nj_arena_printf(d, "class-%u-code-%u",
			class.number_value, code.number_value);
}

static void
reason(struct nj_dctx *d, uint8_t kind, uint8_t code, struct bacnet_event *ev)
{
	static const char *const rejects[] = { "other", "buffer_overflow",
		"inconsistent_parameters", "invalid_parameter_data_type",
		"invalid_tag", "missing_required_parameter",
		"parameter_out_of_range", "too_many_arguments",
		"undefined_enumeration", "unrecognized_service" };
	static const char *const aborts[] = { "other", "buffer_overflow",
		"invalid_apdu_in_this_state", "preempted_by_higher_priority",
		"segmentation_not_supported", "security_error",
		"insufficient_security", "window_size_out_of_range",
		"application_exceeded_reply_time", "out_of_resources",
		"tsm_timeout", "apdu_too_long" };
	const char *const *words = kind == REJECT ? rejects : aborts;
	size_t n = kind == REJECT ? nj_countof(rejects) : nj_countof(aborts);

	ev->result_code = code < n ? nj_str(words[code])
				   : nj_arena_printf(d, "unknown-%u", code);
}

static void
apdu(struct nj_dctx *d, struct nj_cur *c, struct bacnet_event *ev)
{
	uint8_t head = nj_cur_u8(c), kind = head >> 4, service = 0;
	bool segmented =
		(kind == CONFIRMED || kind == COMPLEX_ACK) && (head & 8);
	bool first = true;

	ev->pdu_type = nj_word(d, kinds, kind);
	if (kind == CONFIRMED)
		nj_cur_skip(c, 1); /* what the sender can take */
	if (kind != UNCONFIRMED)
		nj_set(ev, bacnet, invoke_id, nj_cur_u8(c));
	if (segmented) {
		first = nj_cur_u8(c) == 0;
		nj_cur_skip(c, 1);
	}
	if (kind == SEGMENT_ACK || kind > ABORT)
		return;
	service = nj_cur_u8(c);
	if (c->bad)
		return;
	if (kind == REJECT || kind == ABORT) {
		reason(d, kind, service, ev);
		return;
	}
	ev->pdu_service = kind == UNCONFIRMED ? nj_word(d, unconfirmed, service)
					      : nj_word(d, confirmed, service);
	if (!first)
		return;
	if (kind == CONFIRMED)
		confirmed_body(d, service, c, ev);
	else if (kind == UNCONFIRMED)
		unconfirmed_body(d, service, c, ev);
	else if (kind == ERROR)
		error_body(d, c, ev);
	else if (kind == COMPLEX_ACK &&
		 (service == READ_PROPERTY || service == READ_MULTIPLE))
		property(d, c, ev);
}

static bool
npdu(struct nj_dctx *d, struct nj_cur *c, struct bacnet_event *ev)
{
	uint8_t version = nj_cur_u8(c), control = nj_cur_u8(c);

	if (c->bad || version != 1)
		return false;
	if (control & NPDU_DEST) {
		nj_cur_skip(c, 2);
		nj_cur_skip(c, nj_cur_u8(c));
	}
	if (control & NPDU_SOURCE) {
		nj_cur_skip(c, 2);
		nj_cur_skip(c, nj_cur_u8(c));
	}
	if (control & NPDU_DEST)
		nj_cur_skip(c, 1); /* hops left */
	if (control & NPDU_NETWORK) {
		ev->pdu_type = NJ_LIT("NPDU");
		ev->pdu_service = nj_word(d, network, nj_cur_u8(c));
	} else {
		apdu(d, c, ev);
	}
	return true;
}

static enum nj_verdict
bacnet_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct bacnet *s = nj_state(d);
	struct bacnet_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_cur c = nj_cur(v);
	uint8_t type = nj_cur_u8(&c), function = nj_cur_u8(&c);
	uint16_t length = nj_cur_u16(&c);
	bool sense = true;

	if (c.bad || type != TYPE_BIP || function > FN_SECURE ||
		length < BVLC_BYTES || (!s->found && length > v.len))
		return s->found ? NJ_MORE : NJ_REJECT;
	if (length != v.len)
		nj_odd(d, ODD_LENGTH);
	c = nj_cur(nj_sub(v, BVLC_BYTES, length - (size_t)BVLC_BYTES));
	ev.bvlc_function = nj_word(d, functions, function);
	ev.is_write = function == 1 || function == 5 || function == 8;
	if (function == FN_FORWARDED)
		nj_cur_skip(&c, 6); /* where it came from */
	if (function == FN_FORWARDED ||
		(function >= FN_DISTRIBUTE && function < FN_SECURE))
		sense = npdu(d, &c, &ev);
	if (!sense && !s->found)
		return NJ_REJECT;
	s->found = true;
	if (!sense || c.bad)
		nj_odd(d, ODD_BODY);
	(void)nj_emit(d, &bacnet_desc, &ev);
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_bacnet = {
	.name = "bacnet",
	.title = "BACnet/IP",
	.ports = (const struct nj_port[]){ { NJ_UDP, 47808 }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^\\x81[\\x00-\\x08\\x0c]\\x00"
					   "[\\x04-\\x40]",
						 NJ_SIG_UDP },
		{ "^\\x81[\\x09-\\x0b][\\x00-\\x05].\\x01", NJ_SIG_UDP },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &bacnet_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct bacnet),
	.datagram = bacnet_datagram,
};
