"""EVE events: sessions with certificates."""

LIKE = 'ssl/tls12'
ARGS = ['--format', 'eve']
LOGS = ['tls']
