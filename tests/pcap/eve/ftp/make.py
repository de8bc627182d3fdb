"""EVE events: commands, transfers and files."""

LIKE = 'ftp/sessions'
ARGS = ['--format', 'eve']
LOGS = ['ftp', 'ftp_data', 'fileinfo']
