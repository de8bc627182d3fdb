/*
 * x509_eve.h - a certificate as EVE's tls events tell it.
 */
#ifndef NJ_DISSECTORS_SHARED_X509_EVE_H
#define NJ_DISSECTORS_SHARED_X509_EVE_H

#include "engine/base/json.h"

/* Writes subject, issuerdn, serial, fingerprint, notbefore, notafter and
 * subjectaltname into the object that is open; nothing for what is no
 * certificate. */
void nj_x509_eve(struct nj_json *j, struct nj_view der);

#endif
