"""EVE events: time."""

LIKE = 'ntp/modes'
ARGS = ['--format', 'eve']
LOGS = ['ntp']
