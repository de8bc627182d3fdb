"""EVE events: each ARP packet."""

LIKE = 'arp/facts'
ARGS = ['--format', 'eve']
LOGS = ['arp']
