"""EVE events: requests to PostgreSQL."""

LIKE = 'postgresql/session'
ARGS = ['--format', 'eve']
LOGS = ['pgsql', 'flow']
