/*
 * kafka_msg.c - a request to Kafka, taken apart as far as its target (Apache
 * Kafka documentation, "Kafka protocol guide"). From a version on that differs
 * from api to api, texts and lists are compact, and headers have tags.
 */
#include "dissectors/shared/kafka_msg.h"
#include "dissectors/shared/take.h"

enum { TAGS_MAX = 16, NEVER = 255, TEXT_MAX = 32767 };

/* Which of its beginnings a request has. */
enum form { PLAIN, TOPICS, GROUP, PRODUCE, FETCH, METHOD, AUTH, VERSIONS };

static const struct {
	const char *name;
	uint8_t flexible; /* from this version on */
	uint8_t last;     /* the highest version that may be */
	uint8_t form;
} apis[] = {
	{ "Produce", 9, 15, PRODUCE },
	{ "Fetch", 12, 20, FETCH },
	{ "ListOffsets", 6, 12, PLAIN },
	{ "Metadata", 9, 15, TOPICS },
	{ "LeaderAndIsr", 4, 9, PLAIN },
	{ "StopReplica", 2, 6, PLAIN },
	{ "UpdateMetadata", 6, 10, PLAIN },
	{ "ControlledShutdown", 3, 5, PLAIN },
	{ "OffsetCommit", 8, 12, GROUP },
	{ "OffsetFetch", 6, 12, PLAIN },
	{ "FindCoordinator", 3, 8, GROUP },
	{ "JoinGroup", 6, 12, GROUP },
	{ "Heartbeat", 4, 8, GROUP },
	{ "LeaveGroup", 4, 8, GROUP },
	{ "SyncGroup", 4, 8, GROUP },
	{ "DescribeGroups", 5, 8, PLAIN },
	{ "ListGroups", 3, 8, PLAIN },
	{ "SaslHandshake", NEVER, 3, METHOD },
	{ "ApiVersions", 3, 8, VERSIONS },
	{ "CreateTopics", 5, 10, TOPICS },
	{ "DeleteTopics", 4, 10, PLAIN },
	{ "DeleteRecords", 2, 4, TOPICS },
	{ "InitProducerId", 2, 8, GROUP },
	{ "OffsetForLeaderEpoch", 4, 6, PLAIN },
	{ "AddPartitionsToTxn", 3, 7, GROUP },
	{ "AddOffsetsToTxn", 3, 6, GROUP },
	{ "EndTxn", 3, 7, GROUP },
	{ "WriteTxnMarkers", 1, 3, PLAIN },
	{ "TxnOffsetCommit", 3, 7, GROUP },
	{ "DescribeAcls", 2, 5, PLAIN },
	{ "CreateAcls", 2, 5, PLAIN },
	{ "DeleteAcls", 2, 5, PLAIN },
	{ "DescribeConfigs", 4, 6, PLAIN },
	{ "AlterConfigs", 2, 4, PLAIN },
	{ "AlterReplicaLogDirs", 2, 4, PLAIN },
	{ "DescribeLogDirs", 2, 6, PLAIN },
	{ "SaslAuthenticate", 2, 4, AUTH },
	{ "CreatePartitions", 2, 5, PLAIN },
	{ "CreateDelegationToken", 2, 5, PLAIN },
	{ "RenewDelegationToken", 2, 4, PLAIN },
	{ "ExpireDelegationToken", 2, 4, PLAIN },
	{ "DescribeDelegationToken", 2, 5, PLAIN },
	{ "DeleteGroups", 2, 4, PLAIN },
	{ "ElectLeaders", 2, 4, PLAIN },
	{ "IncrementalAlterConfigs", 1, 3, PLAIN },
	{ "AlterPartitionReassignments", 0, 3, PLAIN },
	{ "ListPartitionReassignments", 0, 2, PLAIN },
	{ "OffsetDelete", NEVER, 2, GROUP },
	{ "DescribeClientQuotas", 1, 3, PLAIN },
	{ "AlterClientQuotas", 1, 3, PLAIN },
	{ "DescribeUserScramCredentials", 0, 2, PLAIN },
	{ "AlterUserScramCredentials", 0, 2, PLAIN },
	{ "Vote", 0, 4, PLAIN },
	{ "BeginQuorumEpoch", 1, 4, PLAIN },
	{ "EndQuorumEpoch", 1, 4, PLAIN },
	{ "DescribeQuorum", 0, 4, PLAIN },
	{ "AlterPartition", 0, 5, PLAIN },
	{ "UpdateFeatures", 0, 4, PLAIN },
	{ "Envelope", 0, 2, PLAIN },
	{ "FetchSnapshot", 0, 3, PLAIN },
	{ "DescribeCluster", 0, 4, PLAIN },
	{ "DescribeProducers", 0, 2, PLAIN },
	{ "BrokerRegistration", 0, 6, PLAIN },
	{ "BrokerHeartbeat", 0, 3, PLAIN },
	{ "UnregisterBroker", 0, 2, PLAIN },
	{ "DescribeTransactions", 0, 2, PLAIN },
	{ "ListTransactions", 0, 4, PLAIN },
	{ "AllocateProducerIds", 0, 2, PLAIN },
	{ "ConsumerGroupHeartbeat", 0, 3, GROUP },
};

/* A text that may be missing; compact ones count one more. */
static struct nj_view
text(struct nj_cur *c, bool compact)
{
	uint32_t n = compact ? nj_take_varint(c, 5) : nj_cur_u16(c);

	if (compact ? !n : n == UINT16_MAX)
		return (struct nj_view){ 0 };
	return nj_cur_take(c, compact ? n - 1 : n);
}

static void
tags_skip(struct nj_cur *c)
{
	uint32_t n = nj_take_varint(c, 5);

	for (uint32_t i = 0; i < n && i < TAGS_MAX && !c->bad; i++) {
		(void)nj_take_varint(c, 5);
		nj_cur_skip(c, nj_take_varint(c, 5));
	}
}

static uint32_t
list(struct nj_cur *c, bool compact)
{
	uint32_t n = compact ? nj_take_varint(c, 5) : nj_cur_u32(c);

	if (compact)
		return n ? n - 1 : 0;
	return n == UINT32_MAX ? 0 : n;
}

static bool
topic_add(
	struct nj_kafka_request *r, struct nj_view name, const struct nj_cur *c)
{
	if (c->bad || !name.len || r->topic_count == NJ_KAFKA_TOPICS_MAX)
		return false;
	r->topics[r->topic_count++] = name;
	return true;
}

/* Metadata lists nothing but names; of others the first must do, for what
 * lies between them is as long as it likes. */
static void
topics(struct nj_kafka_request *r, struct nj_cur *c, bool compact)
{
	bool all = r->api == NJ_KAFKA_METADATA;
	uint32_t n = list(c, compact);

	for (uint32_t i = 0; i < n && (all || !i); i++) {
		if (all && r->version >= 10)
			nj_cur_skip(c, 16); /* its id */
		if (!topic_add(r, text(c, compact), c))
			return;
		if (compact)
			tags_skip(c);
	}
}

static void
produce(struct nj_kafka_request *r, struct nj_cur *c, bool compact)
{
	if (r->version >= 3)
		r->group = text(c, compact);
	r->unanswered = nj_cur_u16(c) == 0;
	nj_cur_skip(c, 4);
	if (r->version < 13) /* then topics have ids */
		topics(r, c, compact);
	if (c->bad)
		r->unanswered = false;
}

static void
fetch(struct nj_kafka_request *r, struct nj_cur *c, bool compact)
{
	if (r->version >= 13)
		return; /* topics have ids instead of names */
	nj_cur_skip(c, 12);
	if (r->version >= 3)
		nj_cur_skip(c, 4);
	if (r->version >= 4)
		nj_cur_skip(c, 1);
	if (r->version >= 7)
		nj_cur_skip(c, 8);
	topics(r, c, compact);
}

/* PLAIN (RFC 4616): [who] NUL user NUL password; SCRAM (RFC 5802): "n,,n=user,"
 * and more. */
static struct nj_view
login_user(struct nj_view v)
{
	size_t nul = nj_view_chr(v, 0), at;

	if (nul != SIZE_MAX) {
		v = nj_sub(v, nul + 1, v.len);
		return nj_sub(v, 0, nj_view_chr(v, 0));
	}
	if (!nj_view_starts(v, NJ_LIT("n,")))
		return (struct nj_view){ 0 };
	at = nj_view_find(v, NJ_LIT("n="));
	if (at == SIZE_MAX)
		return (struct nj_view){ 0 };
	v = nj_sub(v, at + 2, v.len);
	return nj_sub(v, 0, nj_view_chr(v, ','));
}

static void
authenticate(struct nj_kafka_request *r, struct nj_cur *c, bool compact)
{
	uint32_t n = compact ? nj_take_varint(c, 5) : nj_cur_u32(c);

	if (compact && n)
		n--;
	r->user = login_user(nj_cur_take(c, n));
}

static void
body(struct nj_kafka_request *r, struct nj_cur *c, bool compact)
{
	switch (apis[r->api].form) {
	case TOPICS:
		topics(r, c, compact);
		break;
	case GROUP:
		r->group = text(c, compact);
		break;
	case PRODUCE:
		produce(r, c, compact);
		break;
	case FETCH:
		fetch(r, c, compact);
		break;
	case METHOD:
		r->method = text(c, false);
		break;
	case AUTH:
		authenticate(r, c, compact);
		break;
	case VERSIONS:
		if (compact) {
			r->software = text(c, true);
			r->software_version = text(c, true);
		}
		break;
	default:
		break;
	}
}

bool
nj_kafka_request(struct nj_kafka_request *r, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	bool compact;

	*r = (struct nj_kafka_request){ 0 };
	r->api = nj_cur_u16(&c);
	r->version = nj_cur_u16(&c);
	r->id = (int32_t)nj_cur_u32(&c);
	if (c.bad || r->api >= nj_countof(apis) ||
		r->version > apis[r->api].last)
		return false;
	r->name = apis[r->api].name;
	r->client_id = text(&c, false);
	if (c.bad || r->client_id.len > TEXT_MAX)
		return false;
	for (size_t i = 0; i < r->client_id.len; i++)
		if (r->client_id.data[i] < 0x20)
			return false;
	compact = r->version >= apis[r->api].flexible;
	if (compact)
		tags_skip(&c);
	body(r, &c, compact);
	return true;
}

bool
nj_kafka_error(uint16_t api, uint16_t version, struct nj_view v, int16_t *code)
{
	struct nj_cur c = nj_cur(v);

	if (api != NJ_KAFKA_SASL_HANDSHAKE && api != NJ_KAFKA_API_VERSIONS &&
		api != NJ_KAFKA_SASL_AUTHENTICATE)
		return false;
	/* The header of ApiVersions' answer never has tags. */
	if (api == NJ_KAFKA_SASL_AUTHENTICATE && version >= apis[api].flexible)
		tags_skip(&c);
	*code = (int16_t)nj_cur_u16(&c);
	return !c.bad;
}

const char *
nj_kafka_error_name(int16_t code)
{
	switch (code) {
	case 0:
		return "NONE";
	case 29:
		return "TOPIC_AUTHORIZATION_FAILED";
	case 33:
		return "UNSUPPORTED_SASL_MECHANISM";
	case 34:
		return "ILLEGAL_SASL_STATE";
	case 35:
		return "UNSUPPORTED_VERSION";
	case 54:
		return "SECURITY_DISABLED";
	case 58:
		return "SASL_AUTHENTICATION_FAILED";
	default:
		return NULL;
	}
}
