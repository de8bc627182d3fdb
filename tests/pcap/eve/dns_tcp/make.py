"""EVE events: messages over TCP."""

LIKE = 'dns/tcp'
ARGS = ['--format', 'eve']
LOGS = ['dns', 'flow']
