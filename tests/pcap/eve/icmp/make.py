"""EVE events: ICMP flows."""

LIKE = 'icmp/errors'
ARGS = ['--format', 'eve']
LOGS = ['flow']
