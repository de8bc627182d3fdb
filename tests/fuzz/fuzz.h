/*
 * fuzz.h - what a fuzz harness offers. Built with libFuzzer it is run on
 * inputs that the fuzzer thinks up, built with replay.c on files.
 */
#ifndef NJ_TESTS_FUZZ_FUZZ_H
#define NJ_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Once, before the first input. Optional. Gives 0. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
/* One input. Gives 0; a finding is a crash or a sanitizer's report. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
