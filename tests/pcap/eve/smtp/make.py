"""EVE events: mails."""

LIKE = 'smtp/mails'
ARGS = ['--format', 'eve']
LOGS = ['smtp', 'fileinfo', 'anomaly']
