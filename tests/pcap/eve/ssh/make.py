"""EVE events: versions."""

LIKE = 'ssh/agree'
ARGS = ['--format', 'eve']
LOGS = ['ssh']
