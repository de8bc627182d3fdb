"""EVE events: questions and answers over UDP."""

LIKE = 'dns/pairs'
ARGS = ['--format', 'eve']
LOGS = ['dns', 'flow']
