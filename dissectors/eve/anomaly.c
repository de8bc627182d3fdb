/*
 * anomaly.c - EVE "anomaly" of the weird log, for what is odd by Suricata's
 * names too.
 */
#include "dissectors/eve/maps.h"

enum place { DECODE, STREAM, APP };

static const struct anomaly {
	uint8_t place;
	const char *name, *source, *event;
} anomalies[] = {
#define ANOMALY(place, name, source, event) { place, name, source, event },
#include "dissectors/eve/anomaly.def"
#undef ANOMALY
};

static bool
is_text(const struct nj_row_field *f, const char *text)
{
	return f && nj_view_eq(f->bytes, nj_str(text));
}

static const struct anomaly *
find(const struct nj_eve *e)
{
	const struct nj_row_field *name = nj_eve_value(e, "name");
	const struct nj_row_field *source = nj_eve_value(e, "source");

	for (size_t i = 0; i < nj_countof(anomalies); i++)
		if (is_text(name, anomalies[i].name) &&
			(!anomalies[i].source[0] ||
				is_text(source, anomalies[i].source)))
			return &anomalies[i];
	return NULL;
}

static bool
takes(const struct nj_eve *e)
{
	return find(e) != NULL;
}

static void
put_type(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	static const char *const types[] = {
		[DECODE] = "decode", [STREAM] = "stream", [APP] = "applayer"
	};
	const struct anomaly *a = find(e);

	(void)f;
	if (a)
		nj_json_text(&e->json, nj_eve_key(e, path), types[a->place]);
}

static void
put_event(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	const struct anomaly *a = find(e);

	(void)f;
	if (a)
		nj_json_text(&e->json, nj_eve_key(e, path), a->event);
}

static void
put_layer(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	const struct anomaly *a = find(e);

	(void)f;
	if (a && a->place == APP)
		nj_json_text(&e->json, nj_eve_key(e, path), "proto_parser");
}

static void
put_app_proto(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	const struct anomaly *a = find(e);

	if (a && a->place == APP)
		nj_json_str(&e->json, nj_eve_key(e, path),
			nj_eve_app_proto(f->bytes));
}

static const struct nj_eve_rule rules[] = {
	{ "source", "anomaly.app_proto", put_app_proto },
	{ "name", "anomaly.type", put_type },
	{ "name", "anomaly.event", put_event },
	{ "name", "anomaly.layer", put_layer },
	{ 0 },
};

const struct nj_eve_map nj_eve_anomaly = { "weird", "anomaly", rules, takes };
