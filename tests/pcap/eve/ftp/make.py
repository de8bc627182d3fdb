"""EVE events: commands and files."""

LIKE = 'ftp/sessions'
ARGS = ['--format', 'eve']
LOGS = ['ftp', 'fileinfo']
