"""No spelling of a secret gets past the scrubber, and a Secret never prints itself."""

import json
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from drydock.redact import STARS, Scrubber, Secret, scrubber_of

PASSWORDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x17F), min_size=5, max_size=20)
# What surrounds the password must not hold it by chance.
SURROUNDING = "postgresql://me:@127.0.0.1:5432/shop?sslmode=require host= user= password=''"


def spellings(password: str) -> list[str]:
    """How the password may come back."""
    return [password, quote(password, safe=""), quote(password, safe="").lower(), quote(password)]


@given(PASSWORDS)
def test_password_of_an_address_never_comes_through(password: str) -> None:
    assume(all(spelling not in SURROUNDING for spelling in spellings(password)))
    url = f"postgresql://me:{quote(password, safe='')}@127.0.0.1:5432/shop?sslmode=require"
    scrub = scrubber_of([Secret(url)])

    for text in (url, f"env DATABASE_URL={url} x", password, f"({password})", quote(password, safe="")):
        assert not any(spelling in scrub(text) for spelling in (password, quote(password, safe="")))


@given(st.from_regex(r"[A-Za-z0-9/?#@:]{5,20}", fullmatch=True))
def test_password_that_should_have_been_encoded_never_comes_through(password: str) -> None:
    assume(any(letter in password for letter in "/?#@") and password not in SURROUNDING)
    scrub = scrubber_of([Secret(f"postgresql://me:{password}@127.0.0.1:5432/shop")])
    cut = max(password.find(letter) for letter in "/?#@:")

    # Whoever cuts the address at a slash takes the rest for the name of a database.
    tail = f"{password[cut + 1 :]}@127.0.0.1:5432/shop"
    for text in (password, tail, f"database {tail}, user me"):
        assert password not in scrub(text)
        assert tail not in scrub(text)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:hunter2@db/shop",
        "POSTGRES://me:hunter2@db/shop",
        "https://bot:hunter2@ci.example/x",
        "redis://:hunter2@cache",
        "host=db password=hunter2 user=me",
        "password = 'hunter2' host=db",
        "PASSWORD=hunter2",
        "sslpassword=hunter2",
        "postgresql://db/shop?user=me&password=hunter2&sslmode=require",
    ],
)
def test_anything_that_looks_like_a_password_is_starred_without_being_known(text: str) -> None:
    scrubbed = Scrubber()(text)

    assert "hunter2" not in scrubbed
    assert STARS in scrubbed


@pytest.mark.parametrize(
    "address",
    [
        "host=db password='it\\'s hunter2' user=me",
        "host=db password=hunter\\ 2 user=me",
        "postgresql://db/shop?password=it%27s%20hunter2",
    ],
)
def test_password_is_known_in_the_form_that_libpq_makes_of_it(address: str) -> None:
    scrub = scrubber_of([Secret(address)])

    assert scrub("it's hunter2 | hunter 2").count(STARS) == 1


@given(st.text())
def test_scrubbing_never_fails_and_is_stable(text: str) -> None:
    scrub = scrubber_of([Secret(text), Secret("postgresql://me:hunter2@db/shop")])

    once = scrub(f"{text} hunter2")

    assert "hunter2" not in once
    assert scrub(once) == once


@pytest.mark.parametrize("text", ["", "Nothing to hide.", "a:b@c", "https://example.org/x?y=1", "12 ms: 3 of 4 @ 5"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert Scrubber()(text) == text


def test_secret_shows_stars_however_it_is_printed() -> None:
    secret = Secret("hunter2")

    shown = f"{secret} {secret!r} {secret!s} {secret:>20} {[secret]} {json.dumps(str(secret))}"

    assert "hunter2" not in shown
    assert secret.reveal() == "hunter2"


def test_secret_that_is_not_unicode_is_scrubbed_all_the_same() -> None:
    scrub = scrubber_of([Secret("postgresql://user:pass\udc80word@host/db")])

    assert "pass\udc80word" not in scrub("it says pass\udc80word")
