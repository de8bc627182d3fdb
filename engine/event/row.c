/*
 * row.c - rows written, checked and walked; see row.h for the layout.
 *
 * Writing is on the packet path: no allocation, and one pass over the table
 * of fields. Reading trusts nothing: rows come from links and from rings of a
 * process that parses hostile packets.
 */
#include "engine/event/row.h"

#include "engine/base/cur.h"
#include "engine/event/event_priv.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	"rows are little-endian and copied as they lie in memory");
_Static_assert(NJ_T_COUNT <= 16, "a type has four bits in a row");

static uint64_t
fold(int64_t v)
{
	return (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
}

static int64_t
unfold(uint64_t v)
{
	return (int64_t)(v >> 1 ^ (0 - (v & 1)));
}

static inline bool
out_room(struct nj_row_writer *o, size_t n)
{
	if (nj_likely(o->at && (size_t)(o->end - o->at) >= n))
		return true;
	o->at = NULL;
	return false;
}

static inline void
put_number(struct nj_row_writer *o, const struct nj_field *f, uint64_t v)
{
	unsigned n = v ? (unsigned)(71 - __builtin_clzll(v)) / 8 : 0;

	if (nj_unlikely(!out_room(o, 2 + n)))
		return;
	o->at[0] = f->id;
	o->at[1] = (uint8_t)(f->type | n << 4);
	/* All eight bytes while there is room: cheaper than the right few. */
	if (nj_likely(o->end - o->at >= NJ_ROW_NUMBER_MAX))
		memcpy(o->at + 2, &v, 8);
	else
		memcpy(o->at + 2, &v, n);
	o->at += 2 + n;
}

static void
put_addr(struct nj_row_writer *o, const struct nj_field *f,
	const struct nj_addr *a)
{
	unsigned n = a->family == 4 ? 4 : 16;

	if (!a->family || !out_room(o, 2 + n))
		return;
	o->at[0] = f->id;
	o->at[1] = (uint8_t)(f->type | (n == 4 ? 4 : NJ_FORM_16) << 4);
	memcpy(o->at + 2, a->bytes, n);
	o->at += 2 + n;
}

/* Begins a value of n bytes, for all of which there is room then. */
static bool
put_length(struct nj_row_writer *o, const struct nj_field *f, size_t n)
{
	unsigned width = n <= UINT8_MAX ? 1 : n <= UINT16_MAX ? 2 : 4;
	unsigned form = width == 1   ? NJ_FORM_LEN8
			: width == 2 ? NJ_FORM_LEN16
				     : NJ_FORM_LEN32;
	uint32_t len = (uint32_t)n;

	if (n > NJ_ROW_BYTES_MAX) {
		o->at = NULL;
		return false;
	}
	if (!out_room(o, 2 + width + n))
		return false;
	o->at[0] = f->id;
	o->at[1] = (uint8_t)(f->type | form << 4);
	memcpy(o->at + 2, &len, width);
	o->at += 2 + width;
	return true;
}

static void
put_bytes(struct nj_row_writer *o, const void *p, size_t n)
{
	if (n)
		memcpy(o->at, p, n);
	o->at += n;
}

static void
put_str(struct nj_row_writer *o, const struct nj_field *f, struct nj_view v)
{
	if (v.data && put_length(o, f, v.len))
		put_bytes(o, v.data, v.len);
}

static size_t
leb_bytes(uint64_t v)
{
	return (size_t)(70 - __builtin_clzll(v | 1)) / 7;
}

static void
put_leb(struct nj_row_writer *o, uint64_t v)
{
	while (v >= 0x80) {
		*o->at++ = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	*o->at++ = (uint8_t)v;
}

/* Sums of lengths stop at the first that is too much for any row, so that
 * they cannot overflow. */
static size_t
vstr_bytes(const struct nj_vstr *v)
{
	size_t sum = 0;

	for (uint32_t i = 0; i < v->n && sum <= NJ_ROW_BYTES_MAX; i++)
		sum += leb_bytes(v->v[i].len) +
		       nj_min(v->v[i].len, (size_t)NJ_ROW_BYTES_MAX + 1);
	return sum;
}

static void
put_vstr(struct nj_row_writer *o, const struct nj_field *f,
	const struct nj_vstr *v)
{
	if (!v->v || !put_length(o, f, vstr_bytes(v)))
		return;
	for (uint32_t i = 0; i < v->n; i++) {
		put_leb(o, v->v[i].len);
		put_bytes(o, v->v[i].data, v->v[i].len);
	}
}

static void
put_vu64(struct nj_row_writer *o, const struct nj_field *f,
	const struct nj_vu64 *v)
{
	size_t sum = 0;

	for (uint32_t i = 0; v->v && i < v->n; i++)
		sum += leb_bytes(v->v[i]);
	if (!v->v || !put_length(o, f, sum))
		return;
	for (uint32_t i = 0; i < v->n; i++)
		put_leb(o, v->v[i]);
}

static void
put_vival(struct nj_row_writer *o, const struct nj_field *f,
	const struct nj_vival *v)
{
	size_t sum = 0;

	for (uint32_t i = 0; v->v && i < v->n; i++)
		sum += leb_bytes(fold(v->v[i]));
	if (!v->v || !put_length(o, f, sum))
		return;
	for (uint32_t i = 0; i < v->n; i++)
		put_leb(o, fold(v->v[i]));
}

static unsigned
addr_bytes(unsigned family)
{
	return family == 4 ? 4 : family == 6 ? 16 : 0;
}

static void
put_vaddr(struct nj_row_writer *o, const struct nj_field *f,
	const struct nj_vaddr *v)
{
	size_t sum = 0;

	for (uint32_t i = 0; v->v && i < v->n; i++)
		sum += 1 + addr_bytes(v->v[i].family);
	if (!v->v || !put_length(o, f, sum))
		return;
	for (uint32_t i = 0; i < v->n; i++) {
		unsigned n = addr_bytes(v->v[i].family);

		put_leb(o, n);
		put_bytes(o, v->v[i].bytes, n);
	}
}

static inline void
put_field(struct nj_row_writer *o, const struct nj_field *f, const void *member)
{
	uint64_t bits;

	switch ((enum nj_type)f->type) {
	case NJ_T_BOOL:
	case NJ_T_U8:
		put_number(o, f, *(const uint8_t *)member);
		break;
	case NJ_T_U16:
		put_number(o, f, *(const uint16_t *)member);
		break;
	case NJ_T_U32:
		put_number(o, f, *(const uint32_t *)member);
		break;
	case NJ_T_U64:
		put_number(o, f, *(const uint64_t *)member);
		break;
	case NJ_T_F64:
		memcpy(&bits, member, sizeof(bits));
		put_number(o, f, bits);
		break;
	case NJ_T_I64:
	case NJ_T_TIME:
	case NJ_T_IVAL:
		put_number(o, f, fold(*(const int64_t *)member));
		break;
	case NJ_T_STR:
		put_str(o, f, *(const struct nj_view *)member);
		break;
	case NJ_T_ADDR:
		put_addr(o, f, member);
		break;
	case NJ_T_VSTR:
		put_vstr(o, f, member);
		break;
	case NJ_T_VU64:
		put_vu64(o, f, member);
		break;
	case NJ_T_VIVAL:
		put_vival(o, f, member);
		break;
	case NJ_T_VADDR:
		put_vaddr(o, f, member);
		break;
	case NJ_T_COUNT:
		break;
	}
}

static void
put_head(uint8_t *p, uint32_t type, const struct nj_head *h)
{
	memcpy(p + NJ_ROW_AT_TYPE, &type, 4);
	memcpy(p + NJ_ROW_AT_ORDER, &h->order_ns, 8);
	memcpy(p + NJ_ROW_AT_TS, &h->ts_ns, 8);
	memcpy(p + NJ_ROW_AT_UID, h->uid, 16);
	memcpy(p + NJ_ROW_AT_PORTS, &h->orig_p, 2);
	memcpy(p + NJ_ROW_AT_PORTS + 2, &h->resp_p, 2);
	p[NJ_ROW_AT_FAMILIES] = (uint8_t)(h->orig.family | h->resp.family << 4);
}

static bool
has_macs(const struct nj_head *h)
{
	static const uint8_t none[sizeof(h->mac)];

	return memcmp(h->mac, none, sizeof(none)) != 0;
}

enum { MORE_MACS = 17 };

/* How much of protocol, VLANs and MACs there is to say. */
static unsigned
more_bytes(const struct nj_head *h)
{
	if (nj_unlikely(has_macs(h)))
		return MORE_MACS;
	return h->vlan[1] ? 5 : h->vlan[0] ? 3 : h->ip_proto ? 1 : 0;
}

void
nj_row_begin(struct nj_row_writer *w, uint8_t *out, size_t cap, uint32_t type,
	const struct nj_head *head)
{
	unsigned orig_bytes = addr_bytes(head->orig.family);
	unsigned resp_bytes = addr_bytes(head->resp.family);
	unsigned more = more_bytes(head);
	size_t head_bytes = NJ_ROW_HEAD_BYTES + orig_bytes + resp_bytes + more;

	*w = (struct nj_row_writer){ .start = out };
	if (cap < head_bytes)
		return;
	w->at = out + head_bytes;
	w->end = out + nj_min(cap, (size_t)NJ_ROW_BYTES_MAX);
	put_head(out, type, head);
	out[NJ_ROW_AT_FIELDS] = (uint8_t)head_bytes;
	memcpy(out + NJ_ROW_HEAD_BYTES, head->orig.bytes, orig_bytes);
	memcpy(out + NJ_ROW_HEAD_BYTES + orig_bytes, head->resp.bytes,
		resp_bytes);
	if (more) {
		out[head_bytes - more] = head->ip_proto;
		memcpy(out + head_bytes - more + 1, head->vlan,
			nj_min(more - 1, (unsigned)sizeof(head->vlan)));
	}
	if (more == MORE_MACS) {
		memcpy(out + head_bytes - sizeof(head->mac), head->mac,
			sizeof(head->mac));
	}
}

void
nj_row_put(struct nj_row_writer *w, const struct nj_field *f, const void *value)
{
	put_field(w, f, value);
}

size_t
nj_row_end(struct nj_row_writer *w)
{
	uint32_t len;

	if (!w->at)
		return 0;
	len = (uint32_t)(w->at - w->start);
	memcpy(w->start + NJ_ROW_AT_LEN, &len, 4);
	return len;
}

size_t
nj_row_encode(uint8_t *out, size_t cap, const struct nj_event_desc *desc,
	const struct nj_head *head, const void *ev)
{
	const struct nj_field *f = desc->fields, *last = f + desc->count;
	struct nj_row_writer w;
	uint64_t has;

	NJ_ASSERT(desc->slot->known);
	nj_row_begin(&w, out, cap, desc->slot->known->type, head);
	memcpy(&has, ev, sizeof(has));
	for (; f < last; f++)
		if (!(f->flags & NJ_OPT) || has >> f->id & 1)
			put_field(&w, f, (const uint8_t *)ev + f->offset);
	return nj_row_end(&w);
}

static bool
head_addr(struct nj_addr *out, struct nj_cur *c, unsigned family)
{
	struct nj_view v = nj_cur_take(c, addr_bytes(family));

	*out = (struct nj_addr){ .family = (uint8_t)family };
	if (v.len)
		memcpy(out->bytes, v.data, v.len);
	return family == 0 || family == 4 || family == 6;
}

void
nj_row_stamp(
	uint8_t *row, int64_t order_ns, int64_t ts_ns, const uint64_t uid[2])
{
	memcpy(row + NJ_ROW_AT_ORDER, &order_ns, sizeof(order_ns));
	memcpy(row + NJ_ROW_AT_TS, &ts_ns, sizeof(ts_ns));
	memcpy(row + NJ_ROW_AT_UID, uid, 2 * sizeof(*uid));
}

uint32_t
nj_row_type(struct nj_view row)
{
	uint32_t type;

	memcpy(&type, row.data + NJ_ROW_AT_TYPE, sizeof(type));
	return type;
}

bool
nj_row_parse(struct nj_row *out, struct nj_view bytes)
{
	const uint8_t *p = bytes.data;
	struct nj_cur c;
	size_t fields_at, more;

	if (bytes.len < NJ_ROW_HEAD_BYTES)
		return false;
	memcpy(&out->len, p + NJ_ROW_AT_LEN, 4);
	if (out->len < NJ_ROW_HEAD_BYTES || out->len > bytes.len ||
		out->len > NJ_ROW_BYTES_MAX)
		return false;
	out->data = p;
	memcpy(&out->type, p + NJ_ROW_AT_TYPE, 4);
	memcpy(&out->head.order_ns, p + NJ_ROW_AT_ORDER, 8);
	memcpy(&out->head.ts_ns, p + NJ_ROW_AT_TS, 8);
	memcpy(out->head.uid, p + NJ_ROW_AT_UID, 16);
	memcpy(&out->head.orig_p, p + NJ_ROW_AT_PORTS, 2);
	memcpy(&out->head.resp_p, p + NJ_ROW_AT_PORTS + 2, 2);
	c = nj_cur((struct nj_view){ p, out->len });
	nj_cur_skip(&c, NJ_ROW_HEAD_BYTES);
	if (!head_addr(&out->head.orig, &c, p[NJ_ROW_AT_FAMILIES] & 15) ||
		!head_addr(&out->head.resp, &c, p[NJ_ROW_AT_FAMILIES] >> 4) ||
		c.bad)
		return false;
	/* A later version may have put more between addresses and fields. */
	fields_at = p[NJ_ROW_AT_FIELDS];
	if (fields_at < (size_t)(c.at - p) || fields_at > out->len)
		return false;
	more = fields_at - (size_t)(c.at - p);
	out->head.ip_proto = more ? c.at[0] : 0;
	memset(out->head.vlan, 0, sizeof(out->head.vlan));
	memset(out->head.mac, 0, sizeof(out->head.mac));
	if (more >= 3)
		memcpy(out->head.vlan, c.at + 1, more >= 5 ? 4 : 2);
	if (more >= MORE_MACS)
		memcpy(out->head.mac, c.at + 5, sizeof(out->head.mac));
	out->fields = (struct nj_view){ p + fields_at, out->len - fields_at };
	out->lane = 0;
	out->position = 0;
	return true;
}

void
nj_row_iter_init(struct nj_row_iter *it, const struct nj_row *row)
{
	*it = (struct nj_row_iter){ nj_event_known_by_type(row->type),
		row->fields.data, row->fields.data + row->fields.len, 0, 0,
		false };
}

/* The bytes of the value at it->at of a form, which it moves past. */
static inline bool
take_value(struct nj_row_iter *it, unsigned form, struct nj_view *v)
{
	size_t left = (size_t)(it->end - it->at), n = form, width;
	uint32_t len = 0;

	if (nj_unlikely(form >= NJ_FORM_16)) {
		if (form == NJ_FORM_16) {
			n = 16;
		} else {
			width = (size_t)1 << (form - NJ_FORM_LEN8);
			if (form > NJ_FORM_LEN32 || left < width)
				return false;
			memcpy(&len, it->at, width);
			it->at += width;
			left -= width;
			n = len;
		}
	}
	if (nj_unlikely(left < n))
		return false;
	*v = (struct nj_view){ it->at, n };
	it->at += n;
	return true;
}

/* The number in v; end is where what may be read ends. Eight bytes and a mask
 * while they are there, as a copy of the right few costs a call. */
static inline bool
set_number(struct nj_row_field *f, struct nj_view v, size_t most,
	const uint8_t *end)
{
	static const uint64_t masks[] = { 0, 0xff, 0xffff, 0xffffff, 0xffffffff,
		UINT64_C(0xffffffffff), UINT64_C(0xffffffffffff),
		UINT64_C(0xffffffffffffff), UINT64_MAX };

	if (nj_unlikely(v.len > most))
		return false;
	f->u = 0;
	if (nj_likely(end - v.data >= 8)) {
		memcpy(&f->u, v.data, 8);
		f->u &= masks[v.len];
	} else {
		memcpy(&f->u, v.data, v.len);
	}
	return true;
}

static bool
set_addr(struct nj_row_field *f, struct nj_view v)
{
	if (v.len != 4 && v.len != 16)
		return false;
	f->addr = v.len == 4 ? nj_addr4(v.data) : nj_addr6(v.data);
	return true;
}

/* Gives false where v cannot be a value of f's type. */
static inline bool
set_value(struct nj_row_field *f, struct nj_view v, const uint8_t *end)
{
	switch ((enum nj_type)f->type) {
	case NJ_T_BOOL:
		if (!set_number(f, v, 1, end))
			return false;
		f->u = f->u != 0;
		return true;
	case NJ_T_U8:
		return set_number(f, v, 1, end);
	case NJ_T_U16:
		return set_number(f, v, 2, end);
	case NJ_T_U32:
		return set_number(f, v, 4, end);
	case NJ_T_U64:
		return set_number(f, v, 8, end);
	case NJ_T_I64:
	case NJ_T_TIME:
	case NJ_T_IVAL:
		if (!set_number(f, v, 8, end))
			return false;
		f->i = unfold(f->u);
		return true;
	case NJ_T_F64:
		if (!set_number(f, v, 8, end))
			return false;
		memcpy(&f->f, &f->u, 8);
		return true;
	case NJ_T_ADDR:
		return set_addr(f, v);
	case NJ_T_STR:
	case NJ_T_VSTR:
	case NJ_T_VU64:
	case NJ_T_VIVAL:
	case NJ_T_VADDR:
		f->bytes = v;
		return true;
	case NJ_T_COUNT:
		break;
	}
	return false;
}

bool
nj_row_next(struct nj_row_iter *it, struct nj_row_field *f)
{
	struct nj_view v;
	unsigned id, wire, place;

	while (it->known && it->end - it->at >= 2) {
		id = it->at[0];
		wire = it->at[1];
		it->at += 2;
		if (nj_unlikely(!take_value(it, wire >> 4, &v))) {
			it->at = it->end;
			it->bad = true;
			return false;
		}
		place = id <= NJ_EVENT_ID_MAX ? it->known->place[id] : 0;
		if (nj_unlikely(!place || it->seen >> id & 1)) {
			it->passed++;
			continue;
		}
		f->field = &it->known->desc->fields[place - 1];
		f->id = (uint8_t)id;
		f->type = wire & 15;
		if (nj_unlikely(f->type != f->field->type ||
				!set_value(f, v, it->end))) {
			it->passed++;
			continue;
		}
		it->seen |= UINT64_C(1) << id;
		return true;
	}
	it->bad |= it->known && it->at != it->end;
	return false;
}

static bool
take_leb(struct nj_cur *c, uint64_t *out)
{
	unsigned shift = 0;
	uint8_t byte;

	*out = 0;
	do {
		byte = nj_cur_u8(c);
		*out |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80 && shift < 64);
	return !c->bad && !(byte & 0x80);
}

bool
nj_row_elem(struct nj_row_field *vec, struct nj_row_field *elem)
{
	struct nj_cur c = nj_cur(vec->bytes);
	bool ok = vec->bytes.len && take_leb(&c, &elem->u);

	vec->bytes.len = 0; /* what is broken is not tried again */
	if (!ok)
		return false;
	elem->field = vec->field;
	elem->id = vec->id;
	switch ((enum nj_type)vec->type) {
	case NJ_T_VU64:
		elem->type = NJ_T_U64;
		break;
	case NJ_T_VIVAL:
		elem->type = NJ_T_IVAL;
		elem->i = unfold(elem->u);
		break;
	case NJ_T_VSTR:
		elem->type = NJ_T_STR;
		elem->bytes = nj_cur_take(&c, elem->u);
		break;
	case NJ_T_VADDR:
		elem->type = NJ_T_ADDR;
		elem->addr = (struct nj_addr){ 0 };
		if (elem->u && !set_addr(elem, nj_cur_take(&c, elem->u)))
			return false;
		break;
	default:
		return false;
	}
	if (c.bad)
		return false;
	vec->bytes = nj_cur_rest(&c);
	return true;
}

/* The most that the unbounded fields of ev can take, stopping above what a
 * row may have. */
static size_t
var_bound(const struct nj_event_known *k, const uint8_t *ev)
{
	size_t sum = 0;

	for (unsigned i = 0; i < k->vars && sum <= NJ_ROW_BYTES_MAX; i++) {
		const struct nj_field *f = &k->desc->fields[k->var[i]];
		/* All vectors begin with a pointer and a count. */
		const struct nj_vstr *vec = (const void *)(ev + f->offset);

		if (f->type == NJ_T_STR)
			sum += nj_min(((const struct nj_view *)vec)->len,
				(size_t)NJ_ROW_BYTES_MAX);
		else if (!vec->v)
			continue;
		else if (f->type == NJ_T_VSTR)
			sum += vstr_bytes(vec);
		else
			sum += (size_t)vec->n * (1 + 16);
	}
	return sum;
}

static bool
refuse(struct nj_sink *sink, uint32_t type, uint64_t *counter)
{
	++*counter;
	if (sink->refused)
		sink->refused(sink->refused_ctx, type);
	return false;
}

bool
nj_sink_put(struct nj_sink *sink, const struct nj_event_desc *desc,
	const struct nj_head *head, const void *ev)
{
	const struct nj_event_known *k = desc->slot->known;
	size_t room, len;
	uint8_t *p;

	NJ_ASSERT(k);
	room = k->fixed_bytes + var_bound(k, ev);
	room = nj_min(room, (size_t)NJ_ROW_BYTES_MAX);
	p = sink->reserve(sink->ctx, room);
	if (!p)
		return refuse(sink, k->type, &sink->rows_full);
	len = nj_row_encode(p, room, desc, head, ev);
	sink->commit(sink->ctx, len);
	if (!len)
		return refuse(sink, k->type, &sink->rows_big);
	sink->rows++;
	return true;
}

int
nj_row_tie(struct nj_view a, struct nj_view b)
{
	int64_t at, bt;
	int cmp;

	memcpy(&at, a.data + NJ_ROW_AT_TS, sizeof(at));
	memcpy(&bt, b.data + NJ_ROW_AT_TS, sizeof(bt));
	if (at != bt)
		return at < bt ? -1 : 1;
	cmp = memcmp(a.data, b.data, nj_min(a.len, b.len));
	return cmp ? cmp : (a.len > b.len) - (a.len < b.len);
}
