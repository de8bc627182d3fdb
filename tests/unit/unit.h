/*
 * unit.h - what every CMocka program includes, in the order that CMocka
 * wants.
 */
#ifndef NJ_TESTS_UNIT_UNIT_H
#define NJ_TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#endif
