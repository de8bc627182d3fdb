"""EVE events: bodies with lost bytes."""

LIKE = 'http/gaps'
ARGS = ['--format', 'eve']
LOGS = ['http', 'fileinfo']
