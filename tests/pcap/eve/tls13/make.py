"""EVE events: TLS 1.3."""

LIKE = 'ssl/tls13'
ARGS = ['--format', 'eve']
LOGS = ['tls']
