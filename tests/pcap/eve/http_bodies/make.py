"""EVE events: coded bodies."""

LIKE = 'http/bodies'
ARGS = ['--format', 'eve']
LOGS = ['http', 'fileinfo']
