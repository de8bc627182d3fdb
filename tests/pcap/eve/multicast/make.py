"""EVE events: mDNS and LLMNR."""

LIKE = 'dns/multicast'
ARGS = ['--format', 'eve']
LOGS = ['mdns', 'llmnr']
