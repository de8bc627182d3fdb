/*
 * note.h - notes: what happens to the appliance itself, told by its processes
 * through the control block (control.h) for the log `sensor`.
 */
#ifndef NJ_PIPELINE_NOTE_H
#define NJ_PIPELINE_NOTE_H

#include "engine/base/base.h"

enum { NJ_CONTROL_TEXT = 192 };

#define NJ_NOTES(N)                                                            \
	N(start, "The sensor captures")                                        \
	N(stop, "The sensor was told to stop and finished all flows")          \
	N(sensor_restart, "No packets were seen: the sensor died, or was "     \
			  "restarted for a port")                              \
	N(brain_restart, "Records waited: the brain died")                     \
	N(spool_restart, "What keeps records that wait on disk died")          \
	N(loss_start, "From now on records are lost: no room is left")         \
	N(loss_stop, "They are lost no longer; how many, by log type")         \
	N(port_lost, "A port cannot be used")                                  \
	N(port_open, "A port is in use, again")                                \
	N(input_end, "An input has ended")                                     \
	N(shed_start, "Overload: from now on something is left out")           \
	N(shed_stop, "It is left out no longer")                               \
	N(reload, "A changed configuration is in force")                       \
	N(unaccounted, "The loss ledger does not add up: a fault of ours")
enum nj_note_kind {
#define N(name, text) NJ_NOTE_##name,
	NJ_NOTES(N)
#undef N
		NJ_NOTE_KINDS
};
const char *nj_note_name(uint64_t kind);

struct nj_note {
	uint64_t kind;
	int64_t from_ns, until_ns; /* until 0: not over, or a moment */
	uint64_t has_packets, packets;
	uint64_t has_records, records;
	char text[NJ_CONTROL_TEXT];
};

#endif
