"""EVE events: broken DNS messages."""

LIKE = 'dns/malformed'
ARGS = ['--format', 'eve']
LOGS = ['dns', 'anomaly']
