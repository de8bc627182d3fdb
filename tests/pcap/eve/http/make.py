"""EVE events: exchanges and their files."""

LIKE = 'http/requests'
ARGS = ['--format', 'eve']
LOGS = ['http', 'fileinfo']
