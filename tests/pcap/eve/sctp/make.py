"""EVE events: SCTP flows, with the ports of their first packets."""

LIKE = 'sctp/associations'
ARGS = ['--format', 'eve']
LOGS = ['flow']
