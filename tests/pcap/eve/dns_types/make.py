"""EVE events: records of every type."""

LIKE = 'dns/types'
ARGS = ['--format', 'eve']
LOGS = ['dns']
