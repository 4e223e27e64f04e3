"""`gateway explain` against what the sign-in itself then does."""
import json

import pytest

import harness
import small_world as small


def explain(world, *arguments):
    return json.loads(world.gateway.administer("explain", "--json", *arguments))


@pytest.fixture(scope="module")
def world(tmp_path_factory, application):
    folder = tmp_path_factory.mktemp("gateway")
    folder.chmod(0o700)
    running = small.SmallWorld(folder, application)
    yield running
    running.stop()


@pytest.mark.parametrize("user, organization, lands", [
    ("alice", "acme", "acme"), ("bob", "globex", "globex"), ("bob", "acme", "acme"), ("alice", "globex", None)])
def test_it_says_what_the_sign_in_then_does(world, user, organization, lands):
    said = explain(world, "--email", f"{user}@acme.example", "--organization", organization)
    sign_in, = said["sign_ins"]
    assert sign_in.get("organization") == lands
    events = len(world.gateway.audit())
    browser = harness.Browser()
    page = browser.open(world.callback_address(browser, user, world.page(organization)))
    event = next(e for e in world.gateway.audit()[events:] if e["kind"] == "sign_in")
    assert (page.status == 200) == (lands is not None)
    assert event["decision"] == sign_in["decision"]
    if lands is None:
        assert (sign_in["rule"], event["decision"]) == ("R6", "refused_not_a_member")
        assert "gateway members add" in sign_in["remedy"]
    # One command away from the event: the same question, and the same answer.
    again = json.loads(world.gateway.administer("explain", "--json", "--event", event["id"]))
    assert again["now"]["sign_ins"][0].get("organization") == lands
    text = world.gateway.administer("explain", "--event", event["id"])
    assert "Asked again now, the answer is the same:" in text


def test_discovery_is_explained_with_what_it_does_not_show(world):
    said = explain(world, "--email", "alice@acme.example")
    shown = {(w["organization"], w["connection"]): w for w in said["ways"]}
    assert shown["acme", "acme-idp"]["shown"] and said["sign_ins"][0]["organization"] == "acme"
    nobody = explain(world, "--email", "zoe@acme.example")
    assert not any(w["shown"] for w in nobody["ways"]) and nobody["sign_ins"] == []
    assert nobody["ways"] and all("R6: " in w["why"] for w in nobody["ways"])
    assert "No connection is shown" in world.gateway.administer("explain", "--email", "zoe@acme.example")


@pytest.mark.parametrize("arguments, rule, refusal", [
    (["--email", "zoe@acme.example", "--connection", "acme-idp"], "R6", "refused_not_a_member"),
    (["--email", "zoe@evil.example", "--connection", "acme-idp"], "R2", "refused_email_domain_not_allowed"),
    (["--email", "bob@acme.example", "--connection", "globex-link", "--email-verified", "false", "--subject", "another"], "R2", "refused_email_not_verified"),
])
def test_a_refusal_names_its_rule_and_what_helps(world, arguments, rule, refusal):
    sign_in, = explain(world, *arguments)["sign_ins"]
    assert (sign_in["rule"], sign_in["decision"]) == (rule, refusal)
    assert sign_in["refusal"] and sign_in["remedy"]
    text = world.gateway.administer("explain", *arguments)
    assert f"Refused by {rule}: " in text and "What helps: " in text


def test_a_new_subject_with_a_linked_address_is_told_apart(world):
    world.sign_in("alice", "acme")
    known, = explain(world, "--email", "alice@acme.example", "--organization", "acme")["sign_ins"]
    assert known["decision"] == "admitted"
    other, = explain(world, "--email", "alice@acme.example", "--organization", "acme", "--subject", "somebody-else")["sign_ins"]
    assert (other["rule"], other["decision"]) == ("R2", "refused_subject_changed")
    assert "gateway members unlink" in other["remedy"]


def test_it_explains_without_signing_anyone_in(world):
    before = len(world.gateway.audit())
    explain(world, "--email", "alice@acme.example")
    assert len(world.gateway.audit()) == before
    for arguments in [["--email", "not an address"], [], ["--event", "x", "--email", "a@acme.example"], ["--event", "nothing"]]:
        done = world.gateway.command("explain", "--config", str(world.gateway.configuration), *arguments)
        assert done.returncode != 0 and done.stderr and done.stdout == ""
