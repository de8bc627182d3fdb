"""EVE events: requests to directories."""

LIKE = 'ldap/session'
ARGS = ['--format', 'eve']
LOGS = ['ldap']
