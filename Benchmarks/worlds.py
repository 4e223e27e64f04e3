"""Worlds of many organizations: a configuration file, and the members that people's sign-ins would have made.

Everything follows from the number of organizations and the seed. Per three organizations there are ten owned and
five external connections, so a third of all connections are external; each organization has `members` members,
every one of them linked to a subject, and is reached under a host of its own.

Members go into the store by SQL, while no gateway runs on it: nothing in the product writes a million rows that no
person has brought about, and nothing should. Ids of declared things are read back from the store. That the rows
are what the gateway would have written is shown by the benchmark itself: these people sign in."""
import base64
import hashlib
import random
import secrets
import sqlite3

SECRET = "benchmark-client-secret"


class Link:
    """An external connection: organization `borrower` accepts connection `owned` of organization `owner`."""

    def __init__(self, number, borrower, owner, owned):
        self.name, self.borrower, self.owner, self.owned = f"link-{number}", borrower, owner, owned


class Person:
    """Someone who can sign in: at `home`, and for guests also in `other`, which accepts the same connection."""

    def __init__(self, home, member, owned, other=None):
        self.home, self.owned, self.other = home, owned, other
        self.email, self.subject = f"m{member}@org{home}.example", f"subject-{home}-{member}"


class Club:
    """Organizations that all accept one connection, which the first organization of the world owns. They come after the
    world's own organizations, the oldest first; only the youngest makes members just in time."""
    CONNECTION = "club"
    #: Of each kind.
    PEOPLE = 40

    def __init__(self, first, size, everywhere=True):
        self.organizations = range(first, first + size)
        #: Kind of people → the organizations that they are members of.
        self.kinds = {} if size == 0 else {"owner": [0], "oldest": [first], "both": [0, first]}
        if size and everywhere:
            self.kinds["everywhere"] = list(self.organizations)

    @staticmethod
    def person(kind, number):
        """(address, subject)"""
        return f"{kind}{number}@club.example", f"club-{kind}-{number}"

    def members(self):
        """(kind, number, organization)"""
        for kind, organizations in self.kinds.items():
            for number in range(self.PEOPLE):
                for organization in organizations:
                    yield kind, number, organization


class World:
    #: Of each organization's people, how many every link to one of its connections brings to the borrower.
    GUESTS = 5
    #: A page of the first organization's application.
    PATH = "/"

    def __init__(self, organizations, members=100, seed=1, own_routes=True, club=None):
        self.organizations, self.members, self.own_routes = organizations, members, own_routes
        self.random = random.Random(seed)
        self.links = self._links()
        self.club = club or Club(organizations, 0)

    def owned(self, organization):
        """How many connections the organization owns."""
        return 4 if organization % 3 == 0 else 3

    def borrowed(self, organization):
        return 1 if organization % 3 == 0 else 2

    @property
    def connections(self):
        return sum(self.owned(number) for number in range(self.organizations)) + len(self.links)

    def _links(self):
        links = []
        for borrower in range(self.organizations):
            taken = set()
            while len(taken) < self.borrowed(borrower):
                owner = self.random.randrange(self.organizations)
                pair = owner, self.random.randrange(self.owned(owner))
                if owner != borrower and pair not in taken:
                    taken.add(pair)
                    links.append(Link(len(links), borrower, *pair))
        return links

    # ------------------------------------------------------------ configuration
    def configuration(self, port, idp, upstream):
        """Every third owned connection speaks SAML; `idp` is the origin of the OpenID Connect provider."""
        parts = [f"""external_url = "http://auth.localhost:{port}"
listen       = ["127.0.0.1:{port}"]
store        = "sqlite:gateway.db"

[limits]
sign_ins_per_minute_per_address    = 1000000
discoveries_per_minute_per_address = 1000000
session_cache_entries              = 1000000

[fetch]
allow_networks = ["127.0.0.0/8"]

[[role]]
name = "editor"
permissions = {{ documents = ["read", "write"] }}
"""]
        for number in range(self.organizations):
            parts.append(f"""
[[organization]]
slug = "org{number}"
name = "Organization {number}"
email_allowed_domains = ["org{number}.example"]
sso_jit_provisioning = "{"ALL_ALLOWED" if number % 2 else "NOT_ALLOWED"}"
members = [{{ email = "admin@org{number}.example", roles = ["stytch_admin"] }}]
""")
            for owned in range(self.owned(number)):
                parts.append(f"""
[[connection]]
name = "org{number}-idp{owned}"
display_name = "Organization {number}, {owned}"
organization = "org{number}"
email_domains = ["org{number}.example"]
group_roles = {{ engineering = ["editor"] }}
""")
                if self.is_saml(owned):
                    parts.append(f"""type = "saml"
metadata_url = "{idp}/org{number}-idp{owned}/metadata"
attribute_mapping = {{ email = "mail", full_name = "displayName", groups = "memberOf" }}
""")
                else:
                    parts.append(f"""type = "oidc"
issuer = "{idp}/org{number}-idp{owned}"
client_id = "gateway"
client_secret = "{SECRET}"
""")
            if self.own_routes:
                parts.append(f"""
[[route]]
host = "wiki.org{number}.localhost"
organization = "org{number}"
upstream = ["http://127.0.0.1:{upstream}"]
""")
        for link in self.links:
            parts.append(f"""
[[external_connection]]
name = "{link.name}"
organization = "org{link.borrower}"
connection = "org{link.owner}-idp{link.owned}"
email_domains = ["org{link.owner}.example"]
role_ceiling = ["editor"]
""")
        parts += self._club(idp)
        parts.append(f"""
[[route]]
host = "{{organization}}.apps.localhost"
upstream = ["http://127.0.0.1:{upstream}"]
headers = {{ "Remote-User" = "{{email}}" }}
""")
        return "".join(parts)

    def _club(self, idp):
        if not self.club.organizations:
            return
        yield f"""
[[connection]]
name = "{Club.CONNECTION}"
organization = "org0"
email_domains = ["club.example"]
type = "oidc"
issuer = "{idp}/{Club.CONNECTION}"
client_id = "gateway"
client_secret = "{SECRET}"
"""
        for number in self.club.organizations:
            yield f"""
[[organization]]
slug = "org{number}"
name = "Organization {number}"
sso_jit_provisioning = "ALL_ALLOWED"

[[external_connection]]
name = "club-{number}"
organization = "org{number}"
connection = "{Club.CONNECTION}"
email_domains = ["club.example"]
jit = {"true" if number == self.club.organizations[-1] else "false"}
"""

    @staticmethod
    def is_saml(owned):
        return owned == 2

    def host(self, organization):
        own = self.own_routes and organization < self.organizations
        return f"wiki.org{organization}.localhost" if own else f"org{organization}.apps.localhost"

    # ------------------------------------------------------------ people
    def issuer(self, idp, organization, owned):
        return f"{idp}/org{organization}-idp{owned}"

    def connection_of(self, organization, member):
        return member % self.owned(organization)

    def guests(self, link):
        """Numbers, in the owner, of the people whom the link brings to the borrower."""
        numbers = (n for n in range(self.members) if self.connection_of(link.owner, n) == link.owned)
        return [number for number, _ in zip(numbers, range(self.GUESTS))]

    def populate(self, store, idp):
        """Writes the members and their subject links into a store that has imported the configuration."""
        database = sqlite3.connect(store)
        organizations = {slug: id for slug, id in database.execute("SELECT slug, id FROM organizations")}
        connections = {name: id for name, id in database.execute("SELECT name, id FROM connections")}

        def people():
            number = 0
            for home in range(self.organizations):
                for member in range(self.members - self.GUESTS * self.borrowed(home)):
                    number += 1
                    yield number, home, home, member
            for link in self.links:
                for member in self.guests(link):
                    number += 1
                    yield number, link.borrower, link.owner, member

        def club():
            for index, (kind, number, organization) in enumerate(self.club.members()):
                yield (f"member-live-c{index:031x}", organizations[f"org{organization}"], *Club.person(kind, number))

        def member_rows():
            for identifier, organization, email, _ in club():
                yield identifier, organization, email, "Some Body", "active", "[]", "provisioning", 1, "never"
            for number, organization, home, member in people():
                yield (f"member-live-{number:032x}", organizations[f"org{organization}"], f"m{member}@org{home}.example",
                       "Some Body", "active", "[]", "provisioning", 1, "never")

        def link_rows():
            for identifier, organization, _, subject in club():
                yield organization, connections[Club.CONNECTION], f"{idp}/{Club.CONNECTION}", subject, identifier
            for number, organization, home, member in people():
                owned = self.connection_of(home, member)
                name = f"org{home}-idp{owned}"
                yield (organizations[f"org{organization}"], connections[name], self.issuer(idp, home, owned),
                       f"subject-{home}-{member}", f"member-live-{number:032x}")

        with database:
            database.executemany(
                "INSERT INTO members (id, organization_id, email, name, status, roles, authority, has_signed_in, declared)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", member_rows())
            database.executemany(
                "INSERT INTO subject_links (organization_id, connection_id, issuer, subject, member_id)"
                " VALUES (?, ?, ?, ?, ?)", link_rows())
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        counts = [database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in ("members", "subject_links")]
        database.close()
        return counts

    def some_people(self, count, connections):
        """People of OpenID Connect connections, spread over that many connections."""
        hot = set()
        while len(hot) < connections:
            home = self.random.randrange(self.organizations)
            hot.add((home, self.random.choice([n for n in range(self.owned(home)) if not self.is_saml(n)])))
        chosen = []
        for home, owned in sorted(hot):
            last = self.members - self.GUESTS * self.borrowed(home)
            numbers = [number for number in range(last) if self.connection_of(home, number) == owned]
            chosen.append([Person(home, number, owned) for number in numbers])
        return [chosen[n % connections][n // connections % len(chosen[n % connections])] for n in range(count)]

    def some_guests(self, count, links):
        """People who can go on to an organization that accepts the connection of their own."""
        usable = [link for link in self.links if not self.is_saml(link.owned)]
        chosen = self.random.sample(usable, min(links, len(usable)))
        people = [Person(link.owner, n, link.owned, link.borrower) for link in chosen for n in self.guests(link)]
        return [people[n % len(people)] for n in range(count)]


def copy_sessions(store, count):
    """Multiplies the one session in the store of a stopped gateway; returns the tokens."""
    tokens = []
    with sqlite3.connect(store) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(sessions)")]
        row = dict(zip(columns, database.execute("SELECT * FROM sessions").fetchone()))

        def rows():
            for number in range(count):
                token = secrets.token_bytes(32)
                tokens.append(base64.urlsafe_b64encode(token).rstrip(b"=").decode())
                row.update(token_hash=hashlib.sha256(token).digest(), id=f"session-live-copy-{number}")
                yield list(row.values())

        database.executemany(
            f"INSERT INTO sessions ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows())
    return tokens
