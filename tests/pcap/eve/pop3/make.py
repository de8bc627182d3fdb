"""EVE events: commands to mail boxes."""

LIKE = 'pop3/session'
ARGS = ['--format', 'eve']
LOGS = ['pop3', 'fileinfo']
