/*
 * control.h - the block of memory through which keeper, sensor and brain show
 * each other, and `nightjar status`, what they are at.
 *
 * It is a file in the run folder with one part for each process, which only
 * that one can write: the others map it read only, so a sensor that was taken
 * over cannot write another's part. A part consists of records. Who writes a
 * record keeps its own copy and publishes it whole; readers get copies, which
 * they treat as bytes from outside: counts are bounded and texts end.
 *
 * Memory order: a record begins with a sequence number, odd while it is being
 * written. The writer makes it odd (relaxed), fences (release), stores the
 * words (relaxed), makes it even (release); a reader loads it (acquire), the
 * words (relaxed), fences (acquire), loads it again (relaxed) and keeps the
 * copy if both were even and the same. A writer that died in between is taken
 * over by the next one.
 */
#ifndef NJ_PIPELINE_CONTROL_H
#define NJ_PIPELINE_CONTROL_H

#include "engine/capture/source.h"
#include "engine/event/logfiles.h"
#include "engine/event/ring.h"
#include "engine/event/spool.h"
#include "engine/pipeline/note.h"
#include "engine/pipeline/pipeline.h"
#include "engine/store/store.h"

enum {
	NJ_CONTROL_NAME = 64,
	NJ_CONTROL_PORTS_MAX = 32,
	NJ_CONTROL_WORKERS_MAX = 64,
	NJ_CONTROL_POOLS_MAX = 16,
	NJ_CONTROL_NOTES_MAX = 64,
	NJ_CONTROL_VALUES_MAX = 160,
	NJ_CONTROL_OUTPUTS_MAX = 8
};

/* Who is who; a reader has no part. */
enum nj_part {
	NJ_PART_KEEPER,
	NJ_PART_SENSOR,
	NJ_PART_BRAIN,
	NJ_PART_SPOOL,
	NJ_PARTS
};
/* "keeper" ...; never NULL. */
const char *nj_part_name(unsigned part);

enum nj_stage {
	NJ_STAGE_NONE,     /* never was */
	NJ_STAGE_STARTING, /* not yet at work */
	NJ_STAGE_RUNNING,
	NJ_STAGE_ENDED,    /* its work is done */
	NJ_STAGE_WAITING,  /* died; will be started again */
	NJ_STAGE_STOPPING, /* was told to end */
	NJ_STAGES
};
const char *nj_stage_name(uint64_t stage);

/* ---- Keeper ---- */
struct nj_process_state {
	uint64_t pid, stage, restarts;
	int64_t started_ns; /* wall clock, as all times but packet time */
	int64_t retry_ns;   /* WAITING: when it is started again */
	char last_exit[NJ_CONTROL_TEXT]; /* of the one before; "" if none */
};
struct nj_keeper_state {
	uint64_t pid;
	int64_t started_ns;
	uint64_t conf_generation; /* counts reloads */
	uint64_t workers;         /* rings */
	char version[NJ_CONTROL_NAME];
	char conf[NJ_CONTROL_TEXT]; /* file; "" when only defaults apply */
	char logs[NJ_CONTROL_TEXT];
	struct nj_process_state processes[NJ_PARTS]; /* not its own */
};

/* ---- Sensor ---- */
enum nj_port_stage {
	NJ_PORT_CLOSED, /* not there, see text */
	NJ_PORT_OPEN,
	NJ_PORT_ENDED, /* a file that was read to its end */
	NJ_PORT_STAGES
};
const char *nj_port_stage_name(uint64_t stage);

struct nj_port_state {
	char name[NJ_CONTROL_NAME];
	char device[NJ_CONTROL_TEXT];
	char driver[NJ_CONTROL_NAME];
	char text[NJ_CONTROL_TEXT]; /* what is the matter */
	uint64_t stage;
	uint64_t live; /* packets come whether we read them or not */
	uint64_t link_known, link_up, speed_mbps, queues;
	struct source_counters count; /* of all workers */
	uint64_t given;   /* what the device counts as handed out; 0: unknown */
	uint64_t waiting; /* of it, on the way to a worker */
	uint64_t duplicate, excluded;
};

#define NJ_RATES(R)                                                            \
	R(packets, "packets/s", "Packets that came to the ports")              \
	R(bits, "bit/s", "What they carried: ingested")                        \
	R(processed_bits, "bit/s", "Without copies and exclusions: processed") \
	R(lost, "packets/s", "Packets lost before or by us")                   \
	R(flows, "flows/s", "Flows begun")                                     \
	R(events, "events/s", "Records made")                                  \
	R(recorded_bits, "bit/s", "Kept in the packet buffer")
enum nj_rate_id {
#define R(name, unit, text) NJ_RATE_##name,
	NJ_RATES(R)
#undef R
		NJ_RATE_COUNT
};
struct nj_rate_desc {
	const char *name, *unit, *text;
};
extern const struct nj_rate_desc nj_rate_descs[NJ_RATE_COUNT];
struct nj_rate {
	uint64_t last, average, peak; /* of seconds; average since the start */
};

struct nj_sensor_state {
	uint64_t pid, stage;
	int64_t started_ns, beat_ns;
	uint64_t conf_generation; /* taken over */
	uint64_t workers, ports;
	int64_t last_packet_ns; /* 0: none yet */
	int64_t unaccounted;
	uint64_t in_flight; /* on the way from a port to a worker; at the end:
			     * whatever was given and did not arrive */
	uint64_t buffers_used, buffers;
	uint64_t shed_level, shed_share; /* the most of all workers */
	int64_t shed_since_ns;           /* 0: nothing is left out */
	struct nj_rate rates[NJ_RATE_COUNT];
	struct nj_pcap_state packets; /* the packet buffer; size 0: none */
	char memory[NJ_CONTROL_NAME]; /* of packets in flight */
	char text[NJ_CONTROL_TEXT];
	struct nj_port_state port[NJ_CONTROL_PORTS_MAX];
};

/* What one worker did at a point between two bursts. */
#define NJ_WORKER_COUNTERS(C)                                                  \
	C(bursts, ITEMS, INFO, "Bursts with packets")                          \
	C(full, ITEMS, INFO, "Bursts that were full: more was waiting")        \
	C(empty, ITEMS, INFO, "Times that no packet was there")                \
	C(sleeps, ITEMS, INFO, "Times that it slept, as there was nothing")    \
	C(ring_waits, ITEMS, INFO, "Times that it waited for the brain")       \
	C(rows, EVENTS, INFO, "Records given to the brain")                    \
	C(rows_lost, EVENTS, ERROR, "Records that the ring had no room for")
NJ_COUNTERS_DECLARE(worker, NJ_WORKER_COUNTERS);

/* Its counter sets, one after the other in values. */
#define NJ_WORKER_SETS(S)                                                      \
	S(ledger, ledger)                                                      \
	S(decode, nj_decode)                                                   \
	S(flow, nj_flow)                                                       \
	S(dissect, dissect)                                                    \
	S(exclude, nj_exclude)                                                 \
	S(ring, nj_ring)                                                       \
	S(worker, worker) S(pcap, nj_pcap)
enum nj_worker_set {
#define S(name, module) NJ_WORKER_##name,
	NJ_WORKER_SETS(S)
#undef S
		NJ_WORKER_SET_COUNT
};
const char *nj_worker_set_name(unsigned set);
const struct nj_counters_desc *nj_worker_set_desc(unsigned set);

struct nj_pool_state {
	char name[24];
	uint64_t used, peak, capacity, bytes; /* bytes of all of it */
};

struct nj_worker_state {
	uint64_t stage;
	uint64_t tid;
	int64_t core;    /* -1: any */
	int64_t beat_ns; /* wall clock when this was published */
	int64_t now_ns;  /* packet time; far in the past before any packet */
	int64_t last_packet_ns;          /* wall clock; 0: none yet */
	uint64_t flows;                  /* live */
	uint64_t shed_level, shed_share; /* shed.h */
	uint64_t ring_bytes;             /* capacity */
	uint64_t pools;
	struct nj_pool_state pool[NJ_CONTROL_POOLS_MAX];
	struct source_counters source[NJ_CONTROL_PORTS_MAX];
	uint64_t duplicate[NJ_CONTROL_PORTS_MAX];
	uint64_t excluded[NJ_CONTROL_PORTS_MAX];
	uint64_t values[NJ_CONTROL_VALUES_MAX];
};
/* Where a set begins in values. */
uint64_t *nj_worker_values(struct nj_worker_state *w, unsigned set);
const uint64_t *nj_worker_values_of(
	const struct nj_worker_state *w, unsigned set);
/* Its ledger, by members. */
struct ledger_counters nj_worker_ledger(const struct nj_worker_state *w);

/* ---- Brain ---- */
/* An output: what it has passed on, and what waits for it. */
struct nj_control_output {
	char name[NJ_CONTROL_NAME];
	uint64_t rows, batches, errors, skipped_blocks;
	uint64_t position;     /* last block passed on */
	uint64_t waiting_rows; /* of the batch on its way */
	int64_t waiting_ns;    /* since when; 0: none waits */
	int64_t sent_ns;       /* last success */
	int64_t retry_ns;      /* next try; 0: nothing failed */
	int64_t error_ns;
	char error[NJ_CONTROL_TEXT]; /* the last one */
};
struct nj_brain_state {
	uint64_t pid, stage;
	int64_t started_ns, beat_ns;
	uint64_t conf_generation;
	uint64_t rows; /* taken from the rings by this process */
	int64_t last_row_ns;
	uint64_t broken;        /* rows that were no rows */
	uint64_t bytes_missing; /* of rows that should have been there */
	struct nj_logfiles_counters logs;
	uint64_t stores; /* has a store; else store is all zero */
	struct nj_store_state store;
	uint64_t outputs;
	struct nj_control_output output[NJ_CONTROL_OUTPUTS_MAX];
	uint64_t notes_seen[NJ_PARTS]; /* written to the logs */
	char text[NJ_CONTROL_TEXT];
};

/* ---- Spool ---- */
struct nj_spool_loss {
	uint64_t type; /* log type's number */
	uint64_t rows; /* lost since the appliance began */
	uint64_t told; /* of these, those that the sensor log tells of */
};
struct nj_spool_state {
	uint64_t pid, stage;
	int64_t started_ns, beat_ns;
	uint64_t bytes_max; /* 0: there is no spool */
	uint64_t full;      /* there is no room in it */
	uint64_t ended;     /* no more comes, and all losses are told */
	int64_t losing_since_ns, lost_last_ns; /* 0: nothing is being lost */
	struct nj_spool_counters count;
	uint64_t rows_lost, types_lost;
	struct nj_spool_loss lost[NJ_EVENT_TYPES_MAX];
	char text[NJ_CONTROL_TEXT];
};

/* ---- The block ---- */
struct nj_control;

/* Makes the file anew at path and maps it as the keeper's. */
NJ_MUST_USE enum nj_err nj_control_create(
	struct nj_control **out, const char *path);
/* Maps what the keeper made; part is the caller's own, NJ_PARTS for a mere
 * reader. NJ_E_NOENT: there is none. NJ_E_FORMAT: of another build. */
NJ_MUST_USE enum nj_err nj_control_attach(
	struct nj_control **out, const char *path, enum nj_part part);
void nj_control_detach(struct nj_control **c);

/* Publish: only who has the part, a worker's record only one thread. */
void nj_control_put_keeper(
	struct nj_control *c, const struct nj_keeper_state *s);
void nj_control_put_sensor(
	struct nj_control *c, const struct nj_sensor_state *s);
void nj_control_put_brain(struct nj_control *c, const struct nj_brain_state *s);
void nj_control_put_spool(struct nj_control *c, const struct nj_spool_state *s);
void nj_control_put_worker(
	struct nj_control *c, unsigned n, const struct nj_worker_state *s);
/* Adds to the notes of the caller's part; one thread. */
void nj_control_note(struct nj_control *c, const struct nj_note *note);

/* Copies. False, and all zero, when nothing whole is to be had. */
bool nj_control_keeper(const struct nj_control *c, struct nj_keeper_state *out);
bool nj_control_sensor(const struct nj_control *c, struct nj_sensor_state *out);
bool nj_control_brain(const struct nj_control *c, struct nj_brain_state *out);
bool nj_control_spool(const struct nj_control *c, struct nj_spool_state *out);
bool nj_control_worker(
	const struct nj_control *c, unsigned n, struct nj_worker_state *out);
/* The part's note number *next, and counts *next up; false when there is none
 * yet. Notes that were overwritten before they were read are left out. */
bool nj_control_next_note(const struct nj_control *c, enum nj_part part,
	uint64_t *next, struct nj_note *out);

#endif
