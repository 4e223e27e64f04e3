"""R2, R6 and R7 live: who is taken for whom, who is made a member, and with which roles, over OIDC and SAML, through owned
and borrowed connections, at every entry point. What the rules are is the unit tests' and the oracle's; here each line of
them is shown to be asked where people come in."""
import contextlib
import http.client
import time

import pytest

import harness
import scripted
from scripted import person

JIT = 'sso_jit_provisioning = "ALL_ALLOWED"'
BOB = 'members = [{ email = "bob@acme.example", roles = ["viewer"] }]'
GLOBEX = "(SELECT id FROM organizations WHERE slug = 'globex')"
RESTRICTED = '\nsso_jit_provisioning = "RESTRICTED"\nsso_jit_provisioning_allowed_connections = ["{}"]'
KINDS = ["oidc", "saml"]


def own(organization):
    """A second connection, at the other provider."""
    return lambda world: world.other_idp.connection(organization + "-own", organization)


def set_status(status):
    return lambda world: world.change(
        f"UPDATE members SET status = '{status}' WHERE email = 'bob@acme.example' AND organization_id = {GLOBEX}")


def known_as(claims):
    """Somebody has been in Globex as this subject before."""
    def prepare(world):
        _, page = world.enter("page", claims)
        assert page.status == 200, harness.text_of(page)
    return prepare


def both(*steps):
    return lambda world: [step(world) for step in steps]


class Row:
    def __init__(self, sentence, label, parts, claims, control, prepare=lambda world: None, repair=None, changes=None,
                 kinds=KINDS, entries=scripted.World.ENTRIES, introduction=None, control_entries=None):
        self.sentence, self.label, self.parts, self.claims, self.control = sentence, label, parts, claims, control
        self.prepare, self.repair, self.changes, self.kinds, self.entries = prepare, repair, changes or {}, kinds, entries
        self.introduction = introduction
        self.control_entries = control_entries or entries


BOB_IN_GLOBEX = dict(acme=JIT, globex=BOB)
ROWS = [
    # R2: linking by e-mail
    Row("an unverified address links nobody", "email_not_verified", BOB_IN_GLOBEX, person("bob", email_verified=False),
        person("bob", email_verified=True), kinds=["oidc"], introduction=person("bob")),
    Row("nor does one that is unverified as a text", "email_not_verified", BOB_IN_GLOBEX, person("bob", email_verified="false"),
        person("bob", email_verified="true"), kinds=["oidc"], introduction=person("bob")),
    Row("an address outside the link's list", "email_domain_not_allowed",
        dict(acme=JIT, globex='members = [{ email = "bob@sub.acme.example" }, { email = "bob@acme.example" }]'),
        person("bob", "bob@sub.acme.example"), person("bob")),
    Row("an address outside the connection's list", "email_domain_not_allowed",
        dict(acme=JIT, globex='members = [{ email = "bob@other.example" }, { email = "bob@acme.example" }]',
             main='email_domains = ["acme.example"]', link=None,
             more='[[external_connection]]\nname = "wide"\nid = "external-connection-test-1"\norganization = "globex"\n'
                  'connection = "main"\nemail_domains = ["other.example", "acme.example"]'),
        person("bob", "bob@other.example"), person("bob"), entries=("page", "link")),
    Row("an administrator, through a link without a ceiling", "roles_exceed_ceiling",
        dict(acme=JIT, globex='members = [{ email = "bob@acme.example", roles = ["stytch_admin"] }, { email = "eve@acme.example" }]'),
        person("bob"), person("eve")),
    Row("a member with a role above the link's ceiling", "roles_exceed_ceiling",
        dict(acme=JIT, link='role_ceiling = ["viewer"]',
             globex='members = [{ email = "bob@acme.example", roles = ["editor"] }, { email = "eve@acme.example", roles = ["viewer"] }]'),
        person("bob"), person("eve")),
    Row("a member whose domain gives a role above the ceiling", "roles_exceed_ceiling",
        dict(acme=JIT, link='role_ceiling = ["viewer"]\nemail_domains = ["acme.example", "plain.example"]', globex=
             'email_domain_roles = { "acme.example" = ["editor"] }\n'
             'members = [{ email = "bob@acme.example" }, { email = "eve@plain.example" }]'),
        person("bob"), person("eve", "eve@plain.example")),
    Row("a new subject under the address of a member who is linked", "subject_changed", BOB_IN_GLOBEX,
        {**person("bob"), "sub": "sub-other"}, person("bob"), prepare=known_as(person("bob")),
        control_entries=("page", "link")),  # to Acme the other one has become bob
    Row("a member whom another root connection knows, through a link", "linked_elsewhere", BOB_IN_GLOBEX, person("bob"), None,
        prepare=lambda world: linked_through_own(world)),
    # R2: who was shut out
    Row("a suspended member, by address", "member_suspended", BOB_IN_GLOBEX, person("bob"), person("bob"),
        prepare=set_status("suspended"), repair=set_status("active")),
    Row("a deleted member, by address", "member_deleted", BOB_IN_GLOBEX, person("bob"), person("bob"),
        prepare=set_status("deleted"), repair=set_status("active")),
    Row("a suspended member, by subject", "member_suspended", BOB_IN_GLOBEX, person("bob", "bobby@acme.example"), person("bob"),
        prepare=both(known_as(person("bob")), set_status("suspended")), repair=set_status("active")),
    Row("a deleted member, by subject, although everybody may join", "member_deleted",
        dict(acme=JIT, globex=BOB + "\n" + JIT, link="jit = true"), person("bob", "bobby@acme.example"), person("bob"),
        prepare=both(known_as(person("bob")), set_status("deleted")), repair=set_status("active")),
    # R2: what the evidence must have
    Row("evidence without an address", "email_missing", BOB_IN_GLOBEX, {**person("bob"), "email": None}, person("bob"),
        entries=("page", "link")),
    Row("a required claim that is missing", "required_claim_missing",
        dict(acme=JIT, globex=BOB, main='required_claims = { tid = ["1", "2"] }'), person("bob"), person("bob", tid="2"),
        entries=("page", "link")),
    Row("a required claim with another value", "required_claim_missing",
        dict(acme=JIT, globex=BOB, main='required_claims = { tid = ["1", "2"] }'), person("bob", tid="3"), person("bob", tid="1"),
        entries=("page", "link")),
    # R6
    Row("nobody is made a member where it is not allowed", "not_a_member", dict(acme=JIT, globex=BOB, link="jit = true"),
        person("eve"), person("bob")),
    Row("nor through a link that does not", "not_a_member", dict(acme=JIT, globex=BOB + "\n" + JIT), person("eve"), person("bob")),
    Row("nor where the link is not on the restricted list", "not_a_member",
        dict(acme=JIT, globex=BOB + RESTRICTED.format("globex-own") + '\ndefault_connection = "link"', more=own("globex")), person("eve"),
        person("bob")),
    Row("nor with a domain role above the ceiling", "roles_exceed_ceiling",
        dict(acme=JIT, link='role_ceiling = ["viewer"]\njit = true',
             globex=JIT + '\nemail_domain_roles = { "acme.example" = ["editor"] }\nmembers = []'), person("eve"), None),
]


def linked_through_own(world):
    """Globex gets a connection of its own, and bob signs in through it first."""
    world.reload(more=world.other_idp.connection("globex-own", "globex"))
    browser = harness.Browser()
    choice = browser.open(world.page("globex"))
    link = next(part.split('"')[0] for part in choice.text.split('href="') if "globex-own" in part)
    at_idp = world.begin(browser, world.external + link.replace("&amp;", "&").replace("&#x3D;", "="))
    url, _ = world.answer(at_idp, {**person("bob"), "sub": "own-bob"})
    assert browser.open(url).status == 200
    world.reload(globex=world.parts["globex"] + '\ndefault_connection = "link"')


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.sentence)
def test_nobody_gets_in_through_a_link(make_world, row, kind):
    if kind not in row.kinds:
        pytest.skip("the protocol has no such statement")
    world = make_world(kind, **row.parts)
    row.prepare(world)
    for entry in row.entries:
        if entry in ("exchange", "visit"):
            world.signed_in(row.introduction or row.claims, "acme")  # whatever Acme has to write, it writes here
            world.signed_in(row.claims, "acme")
        before = world.counts()
        browser, page = world.enter(entry, row.claims, **row.changes)
        assert page.status == 403, (entry, page.status, harness.text_of(page))
        after = world.counts()
        if entry in ("exchange", "visit"):  # the session in Acme that it came from
            assert after.pop("sessions") == before.pop("sessions") + 1
            before["requests"] += 1
        assert after == before, entry
        kind_of_event = "exchange" if entry in ("exchange", "visit") else "sign_in"
        assert world.audit()[-1] == (kind_of_event, "refused_" + row.label), entry
        assert world.sees(browser, "globex") is None
    if row.repair:
        row.repair(world)
    if row.control:
        for entry in row.control_entries:
            browser, page = world.enter(entry, row.control, **row.changes)
            assert not isinstance(page, str) and page.status == 200, (entry, harness.text_of(page))
            assert world.sees(browser, "globex"), entry


# Through the owner's own connection

OWNED = [
    # (sentence, parts, first claims or None, claims, outcome, what the application sees)
    ("an address links", dict(acme=BOB), None, person("bob"), "admitted_linked", "bob@acme.example"),
    ("a subject is recognized, and its new address adopted", dict(acme=BOB), person("bob"), person("bob", "robert@acme.example"),
     "admitted", "robert@acme.example"),
    ("an unverified new address is not adopted", dict(acme=BOB), person("bob"),
     person("bob", "robert@acme.example", email_verified=False), "admitted", "bob@acme.example"),
    ("a new address that is another member's is not adopted",
     dict(acme='members = [{ email = "bob@acme.example" }, { email = "eve@acme.example" }]'), person("bob"),
     person("bob", "eve@acme.example"), "admitted", "bob@acme.example"),
    ("a new address outside the list is refused", dict(acme=BOB, main='email_domains = ["acme.example"]'), person("bob"),
     person("bob", "bob@other.example"), "refused_email_domain_not_allowed", None),
    ("an administrator is linked by the organization's own connection",
     dict(acme='members = [{ email = "bob@acme.example", roles = ["stytch_admin"] }]'), None, person("bob"), "admitted_linked",
     "bob@acme.example"),
    ("everybody is made a member where all connections may", dict(acme=JIT), None, person("eve"), "admitted_provisioned",
     "eve@acme.example"),
    ("and where this one may", dict(acme='sso_jit_provisioning = "RESTRICTED"\nsso_jit_provisioning_allowed_connections = ["main"]'),
     None, person("eve"), "admitted_provisioned", "eve@acme.example"),
    ("nobody where it is not listed",
     dict(acme=RESTRICTED.format("acme-own") + '\ndefault_connection = "main"', more=own("acme")), None, person("eve"), "refused_not_a_member", None),
    ("nobody where it is not allowed", dict(acme=BOB), None, person("eve"), "refused_not_a_member", None),
    ("an unverified address makes no member", dict(acme=JIT), None, person("eve", email_verified=False), "refused_email_not_verified", None),
    ("an address with a second @", dict(acme=JIT), None, person("eve", "a@b@acme.example"), "refused_email_missing", None),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sentence, parts, first, claims, outcome, email", OWNED, ids=[row[0] for row in OWNED])
def test_at_the_owner(make_world, kind, sentence, parts, first, claims, outcome, email):
    if kind == "saml" and "email_verified" in claims:
        pytest.skip("SAML has no such statement")
    world = make_world(kind, **parts)
    if first:
        world.signed_in(first)
    before = world.counts()
    browser, page = world.sign_in(claims)
    assert [decision for what, decision in world.audit() if what == "sign_in"][-1] == outcome
    seen = world.sees(browser, "acme")
    assert (seen and seen["x-gateway-email"]) == email
    if email is None:
        assert page.status == 403 and world.counts() == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("policy, link", [
    (JIT, "jit = true"), (RESTRICTED.format("link"), ""), (RESTRICTED.format("link"), "jit = true"),
])
def test_a_link_makes_members_at_every_entry_point_that_is_a_step_of_the_person(make_world, kind, policy, link):
    world = make_world(kind, acme=JIT, globex=policy, link=link)
    for entry in ("page", "link", "exchange"):
        browser, page = world.enter(entry, person("p-" + entry))
        assert page.status == 200, (entry, harness.text_of(page))
        assert world.sees(browser, "globex")["x-gateway-email"] == f"p-{entry}@acme.example"
    browser, page = world.enter("visit", person("p-visit"))
    assert "Join this organization?" in harness.text_of(page) and world.sees(browser, "globex") is None


def test_a_second_link_is_made_by_address_only_where_the_organization_owns_both_connections(make_world):
    world = make_world(acme=BOB)
    world.reload(more=world.other_idp.connection("acme-second", "acme"))

    def through(name, claims):
        browser = harness.Browser()
        choice = browser.open(world.page("acme"))
        link = next(part.split('"')[0] for part in choice.text.split('href="') if f"Continue with {name}" in part)
        at_idp = world.begin(browser, world.external + link.replace("&amp;", "&").replace("&#x3D;", "="))
        url, _ = world.answer(at_idp, claims)
        return browser, browser.open(url)

    first, page = through("main", person("bob"))
    assert page.status == 200
    second, page = through("acme-second", {**person("bob"), "sub": "second-bob"})
    assert page.status == 200
    assert world.sees(first, "acme")["x-gateway-member"] == world.sees(second, "acme")["x-gateway-member"]
    assert world.query("SELECT COUNT(*) FROM subject_links") == [(2,)]


TRANSIENT = scripted.SAML + "nameid-format:transient"


def test_a_transient_name_identifies_nobody_unless_an_attribute_does(make_world):
    world = make_world("saml", acme=JIT)
    before = world.counts()
    _, page = world.sign_in(person("bob"), name_id_format=TRANSIENT)
    assert page.status == 400 and world.counts() == before
    world.gateway.wait_until_logged("transient")
    named = make_world("saml", acme=JIT, main='subject_attribute = "employee"')
    first, page = named.sign_in({**person("bob", employee="7"), "sub": "t-1"}, name_id_format=TRANSIENT)
    assert page.status == 200, harness.text_of(page)
    second, page = named.sign_in({**person("bob", employee="7"), "sub": "t-2"}, name_id_format=TRANSIENT)
    assert page.status == 200
    assert named.sees(first, "acme")["x-gateway-member"] == named.sees(second, "acme")["x-gateway-member"]


# R7

RULES = 'roles = ["viewer"]\ngroup_roles = { engineering = ["editor"], operations = ["stytch_admin"] }'


def roles(seen):
    return seen["x-gateway-roles"].split(",") if seen["x-gateway-roles"] else []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("parts, organization, groups, expected", [
    (dict(main=RULES), "acme", [], ["viewer"]),
    (dict(main=RULES), "acme", ["engineering", "unknown"], ["editor", "viewer"]),
    (dict(main=RULES), "acme", ["Engineering"], ["viewer"]),
    (dict(main=RULES, globex=BOB), "globex", ["engineering"], ["viewer"]),  # direct alone: the owner's rules stop at the owner
    (dict(main=RULES, globex=BOB, link=RULES), "globex", ["engineering"], ["editor", "viewer"]),
    (dict(globex='email_domain_roles = { "acme.example" = ["editor"] }\nmembers = [{ email = "bob@acme.example" }]'), "globex", [],
     ["editor"]),
    (dict(acme='email_domain_roles = { "acme.example" = ["editor"] }\n' + JIT), "acme", [], ["editor"]),
], ids=["implicit", "group", "groups are compared by bytes", "the owner's rules stay at the owner", "the link's own rules", "domain at the borrower",
        "domain at the owner"])
def test_roles_come_from_where_they_were_given(make_world, kind, parts, organization, groups, expected):
    world = make_world(kind, **{"acme": JIT, **parts})
    browser = world.signed_in(person("bob", groups=groups), organization)
    assert roles(world.sees(browser, organization)) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_the_ceiling_caps_what_comes_through_the_link_and_nothing_else(make_world, kind):
    capped = RULES.replace(', operations = ["stytch_admin"]', "") + '\nrole_ceiling = ["viewer", "editor"]'
    world = make_world(kind, acme=JIT, globex=BOB, link=capped)
    browser = world.signed_in(person("bob", groups=["engineering"]), "globex")
    assert roles(world.sees(browser, "globex")) == ["editor", "viewer"]
    # A role given directly after the person was linked is not the link's to cap.
    world.change(f"UPDATE members SET roles = '[\"stytch_admin\"]' WHERE organization_id = {GLOBEX}")
    again = world.signed_in(person("bob", groups=["engineering"]), "globex")
    assert roles(world.sees(again, "globex")) == ["editor", "stytch_admin", "viewer"]


@pytest.mark.parametrize("kind", KINDS)
def test_roles_follow_the_evidence_at_sign_in_and_the_rules_at_refresh(make_world, kind):
    """H8."""
    world = make_world(kind, acme=JIT, globex=BOB, main=RULES, link='group_roles = { engineering = ["editor"] }')
    browser = world.signed_in(person("bob", groups=["engineering"]))
    assert roles(world.sees(browser, "acme")) == ["editor", "viewer"]
    assert world.exchange(browser, "globex").status == 200
    assert roles(world.sees(browser, "globex")) == ["editor", "viewer"]
    # A rule that is taken out counts at once, in sessions that there are.
    world.reload(main='roles = ["viewer"]', link="")
    assert roles(world.sees(browser, "acme")) == ["viewer"] and roles(world.sees(browser, "globex")) == ["viewer"]
    # A group that is taken away counts from the next sign-in on, exchanges of that sign-in included.
    world.reload(main=RULES, link='group_roles = { engineering = ["editor"] }')
    later = world.signed_in(person("bob"))
    assert roles(world.sees(later, "acme")) == ["viewer"]
    assert world.exchange(later, "globex").status == 200 and roles(world.sees(later, "globex")) == ["viewer"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cause", ["suspended", "deleted", "link", "unlinked", "list"])
def test_a_session_ends_with_what_carried_it_and_the_owners_goes_on(make_world, kind, cause):
    world = make_world(kind, acme=JIT, globex=BOB)
    browser = world.signed_in(person("bob"), "acme")
    assert world.exchange(browser, "globex").status == 200
    assert world.sees(browser, "globex")
    if cause in ("suspended", "deleted"):
        set_status(cause)(world)
    elif cause == "unlinked":
        world.change(f"DELETE FROM subject_links WHERE organization_id = {GLOBEX}")
    elif cause == "link":
        world.reload(link=None)
    else:
        world.reload(link='email_domains = ["other.example"]')
    wait_until(lambda: world.sees(browser, "globex") is None)
    assert world.sees(browser, "acme")
    wait_until(lambda: world.audit()[-1][0] == "session_end")  # written beside the answer


def wait_until(condition):
    """Another process's change reaches the gateway within a second (R8), and cuts an answer that is under way."""
    until = time.monotonic() + harness.DEADLINE
    while time.monotonic() < until:
        with contextlib.suppress(http.client.HTTPException, ConnectionError):
            if condition():
                return
    raise AssertionError("it never came to be")
