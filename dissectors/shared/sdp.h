/*
 * sdp.h - where media will flow, as two sides agree on it (SDP, RFC 8866):
 * each stream of RTP and RTCP that a description names is expected, so that
 * it is known by more than its looks.
 */
#ifndef NJ_DISSECTORS_SHARED_SDP_H
#define NJ_DISSECTORS_SHARED_SDP_H

#include "engine/dissect/dissector.h"

/* What an expectation tells the rtp dissector: the clock of the media in Hz
 * (0: not said), whether it is the media's control, and that it was said. */
enum { NJ_SDP_RTCP = 1, NJ_SDP_SAID = 2, NJ_SDP_CLOCK_SHIFT = 2 };

/* Expects what the description in text names. Gives how many media. */
unsigned nj_sdp_expect(struct nj_dctx *d, struct nj_view text);

#endif
