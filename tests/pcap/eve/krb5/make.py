"""EVE events: tickets asked for."""

LIKE = 'kerberos/kdc'
ARGS = ['--format', 'eve']
LOGS = ['krb5']
