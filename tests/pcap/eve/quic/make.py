"""EVE events: hellos over QUIC."""

LIKE = 'quic/versions'
ARGS = ['--format', 'eve']
LOGS = ['quic']
