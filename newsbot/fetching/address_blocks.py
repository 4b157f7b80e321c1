"""Which addresses and names are not the public Internet's: the tables.

Python's own ``ipaddress`` changes its answers between patch releases and takes some IPv6 forms that
carry an IPv4 address for public ones, so the registries are written down here.
"""

from ipaddress import IPv4Network, IPv6Network
from typing import Final, Literal

# Whose a block is. ``own``: a network that an operator may run a site in, so that a host name which
# the operator allows may lead there. ``never``: what no site is served from; only the very address,
# allowed as such, opens it.
Whose = Literal["own", "never"]

# IANA IPv4 Special-Purpose Address Registry (RFC 6890), blocks that are not globally reachable;
# multicast from RFC 5771. What is in none of them is public.
_V4: Final[tuple[tuple[str, Whose, str], ...]] = (
    ("0.0.0.0/8", "never", "this host"),  # RFC 791; Linux connects it to itself
    ("10.0.0.0/8", "own", "private"),  # RFC 1918
    ("100.100.100.200/32", "never", "cloud metadata"),  # Alibaba Cloud, inside 100.64/10
    ("100.64.0.0/10", "own", "shared address space"),  # RFC 6598, carriers' NAT
    ("127.0.0.0/8", "own", "loopback"),  # RFC 1122
    ("168.63.129.16/32", "never", "cloud metadata"),  # Azure's WireServer; a public number
    ("169.254.169.254/32", "never", "cloud metadata"),  # AWS, GCP, Azure, OpenStack, Oracle …
    ("169.254.0.0/16", "never", "link-local"),  # RFC 3927; AWS ECS at .170.2, Tencent at .0.23
    ("172.16.0.0/12", "own", "private"),  # RFC 1918
    ("192.0.0.192/32", "never", "cloud metadata"),  # Oracle Cloud, older images
    ("192.0.0.0/24", "never", "protocol assignments"),  # RFC 6890; DS-Lite, NAT64 discovery
    ("192.0.2.0/24", "never", "documentation"),  # RFC 5737
    ("192.88.99.0/24", "never", "6to4 relays"),  # RFC 7526, withdrawn
    ("192.168.0.0/16", "own", "private"),  # RFC 1918
    ("198.18.0.0/15", "own", "benchmarking"),  # RFC 2544; local proxies answer names with it
    ("198.51.100.0/24", "never", "documentation"),  # RFC 5737
    ("203.0.113.0/24", "never", "documentation"),  # RFC 5737
    ("224.0.0.0/4", "never", "multicast"),  # RFC 5771
    ("240.0.0.0/4", "never", "reserved"),  # RFC 1112, and 255.255.255.255 (RFC 919)
)
BLOCKS_V4: Final = tuple((IPv4Network(block), whose, what) for block, whose, what in _V4)

# Only global unicast (RFC 4291, 2.4) is public at all, and of that not what the IANA IPv6
# Special-Purpose Address Registry takes out.
GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_V6: Final[tuple[tuple[str, Whose, str], ...]] = (
    ("::1/128", "own", "loopback"),  # RFC 4291
    ("::/128", "never", "this host"),  # RFC 4291; Linux connects it to itself
    ("fd00:ec2::254/128", "never", "cloud metadata"),  # AWS EC2
    ("fd20:ce::254/128", "never", "cloud metadata"),  # Google Compute Engine
    ("fc00::/7", "own", "unique local"),  # RFC 4193
    ("fe80::/10", "never", "link-local"),  # RFC 4291
    ("fec0::/10", "never", "site-local"),  # RFC 3879, withdrawn
    ("ff00::/8", "never", "multicast"),  # RFC 4291
    ("2001::/32", "never", "a Teredo tunnel"),  # RFC 4380; carries an IPv4 address
    ("2001::/23", "never", "protocol assignments"),  # RFC 2928
    ("2001:db8::/32", "never", "documentation"),  # RFC 3849
    ("2002::/16", "never", "a 6to4 tunnel"),  # RFC 3056; carries an IPv4 address
    ("3fff::/20", "never", "documentation"),  # RFC 9637
)
BLOCKS_V6: Final = tuple((IPv6Network(block), whose, what) for block, whose, what in _V6)

# Forms whose last 32 bits are an IPv4 address to which the packets go in the end; they are judged as
# that. IPv4-mapped (RFC 4291, 2.5.5.2): the system connects by IPv4. NAT64 (RFC 6052): a gateway
# does, and on networks without IPv4 that is how all of it is reached. A network's own NAT64 prefix
# cannot be told from other addresses, and RFC 8215's local one is not public.
CARRIERS: Final = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
# ISATAP (RFC 5214, 6.1): bits 64 to 95 of the address, whatever its prefix.
ISATAP: Final = frozenset({0x0000_5EFE, 0x0200_5EFE})

# Names that lead to no public site, and everything below them.
NAMES: Final[dict[str, str]] = {
    "localhost": "this machine's own name",  # RFC 6761
    "localhost.localdomain": "this machine's own name",  # /etc/hosts of Red Hat and others
    "localhost6": "this machine's own name",
    "ip6-localhost": "this machine's own name",  # /etc/hosts of Debian
    "ip6-loopback": "this machine's own name",
    "local": "a name of the local network",  # RFC 6762, multicast DNS
    "internal": "a name of a private network",  # reserved by ICANN's board, 29 July 2024
    "home.arpa": "a name of a private network",  # RFC 8375
    "localdomain": "a name of a private network",  # the default of many routers
    "lan": "a name of a private network",
    "corp": "a name of a private network",  # never delegated: ICANN's name collision study, 2013
    "home": "a name of a private network",
    "intranet": "a name of a private network",
    "onion": "a name that no name server knows",  # RFC 7686
    "invalid": "a name that no name server knows",  # RFC 6761
    "test": "a name for tests",  # RFC 6761
    "metadata.goog": "a name of cloud metadata",  # Google Compute Engine, besides *.internal
    "metadata.tencentyun.com": "a name of cloud metadata",
    "instance-data.ec2.internal": "a name of cloud metadata",
}
