"""EVE events: SNMP messages."""

LIKE = 'snmp/flows'
ARGS = ['--format', 'eve']
LOGS = ['snmp']
