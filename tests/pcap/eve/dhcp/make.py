"""EVE events: messages about leases."""

LIKE = 'dhcp/lease'
ARGS = ['--format', 'eve']
LOGS = ['dhcp']
