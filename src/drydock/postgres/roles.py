"""The target's roles, as a scratch needs them: who owns, who may what, and what the deploying role is.

No password is read or written: nobody but the deploying role can log in on a scratch, with a password made for it.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

import psycopg
from psycopg import Connection

from drydock.errors import RehearsalError
from drydock.postgres.interface import Reader, Rows
from drydock.postgres.literals import identifier, literal
from drydock.redact import Secret

PROVIDERS_SUPERUSERS = frozenset(
    """rds_superuser rdsadmin cloudsqlsuperuser cloudsqladmin neon_superuser azure_pg_admin azuresu supabase_admin
    alloydbsuperuser alloydbadmin avnadmin doadmin cloud_admin tsdbadmin crunchy_superuser""".split()
)
"""What hosted servers give instead of a superuser: members may do much that only a superuser may elsewhere."""
_ROLES = """
    SELECT r.rolname, r.rolsuper::text, r.rolinherit::text, r.rolcreaterole::text, r.rolcreatedb::text,
           r.rolbypassrls::text, r.rolreplication::text
    FROM pg_catalog.pg_roles r WHERE r.rolname !~ '^pg_' ORDER BY r.rolname
"""
_MEMBERSHIPS = """
    SELECT g.rolname, m.rolname, a.admin_option::text
    FROM pg_catalog.pg_auth_members a JOIN pg_catalog.pg_roles g ON g.oid = a.roleid
    JOIN pg_catalog.pg_roles m ON m.oid = a.member ORDER BY 1, 2
"""
_OWNERS = """
    SELECT current_user::text, pg_catalog.pg_get_userbyid(d.datdba)::text,
           (SELECT pg_catalog.pg_get_userbyid(n.nspowner)::text
            FROM pg_catalog.pg_namespace n WHERE n.nspname = 'public')
    FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()
"""
_SETTINGS = """
    SELECT coalesce(r.rolname, ''), s.setconfig[i]
    FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole, pg_catalog.generate_subscripts(s.setconfig, 1) i
    WHERE s.setdatabase IN (0, d.oid) AND (s.setrole = 0 OR r.rolname = current_user)
    ORDER BY s.setdatabase, s.setrole, i
"""
_LISTS = frozenset({"search_path", "temp_tablespaces", "session_preload_libraries", "local_preload_libraries"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One role: what it is, not how it proves it."""

    name: str
    attributes: tuple[str, ...]
    """As CREATE ROLE takes them: `CREATEDB`; never LOGIN, never a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """That one role is a member of another."""

    role: str
    member: str
    is_admin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What ALTER DATABASE or ALTER ROLE has set; `role` is empty where it holds for everybody."""

    role: str
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The roles of a target, and what belongs to whom."""

    roles: tuple[Role, ...]
    memberships: tuple[Membership, ...]
    deploying: str
    """Whom we are connected as."""
    database_owner: str
    public_owner: str | None
    """Of the schema public; None where there is none."""
    settings: tuple[Setting, ...]


def roles_of(reader: Reader) -> Roles:
    """Read a target's roles, in one round trip. Raises RehearsalError when they may not be read."""
    answers = reader.read(_ROLES, _MEMBERSHIPS, _OWNERS, _SETTINGS)
    roles, memberships, owners, settings = (_rows(answer) for answer in answers)
    deploying, database_owner, public_owner = owners.first()
    return Roles(
        roles=tuple(_role(*row) for row in roles.rows),
        memberships=tuple(
            Membership(role=role or "", member=member or "", is_admin=admin == "true")
            for role, member, admin in memberships.rows
        ),
        deploying=deploying or "",
        database_owner=database_owner or "",
        public_owner=public_owner,
        settings=tuple(_setting(role or "", text or "") for role, text in settings.rows),
    )


def recreate(roles: Roles, address: Secret, *, password: Secret) -> tuple[str, ...]:
    """Make the roles on a scratch that takes them; `password` is the deploying role's. Answers with notes.

    `address` is a superuser's, of the scratch database, which gets the target's owner. Raises RehearsalError.
    """
    try:
        with closing(psycopg.connect(address.reveal(), autocommit=True, client_encoding="utf8")) as connection:
            return tuple(_recreated(roles, connection, password=password))
    except psycopg.Error as error:
        raise RehearsalError(
            f"The target's roles cannot be made on the scratch (SQLSTATE {error.sqlstate}).",
            hint="Use an embedded scratch, or one that is not to take roles.",
        ) from None


def is_providers_superuser(roles: Roles) -> bool:
    """Whether the deploying role is, or is a member of, what a hosted server gives instead of a superuser."""
    reached, added = {roles.deploying}, True
    while added:
        found = {each.role for each in roles.memberships if each.member in reached} - reached
        reached |= found
        added = bool(found)
    return bool(reached & PROVIDERS_SUPERUSERS)


def _recreated(roles: Roles, connection: Connection[tuple[object, ...]], *, password: Secret) -> Iterator[str]:
    there = {str(name) for (name,) in connection.execute("SELECT rolname FROM pg_catalog.pg_roles").fetchall()}
    becomes_superuser = is_providers_superuser(roles)
    for role in roles.roles:
        words = " ".join((*role.attributes, "NOLOGIN"))
        if role.name == roles.deploying:
            words = words.replace("NOLOGIN", f"LOGIN PASSWORD {literal(password.reveal())}")
            words = words.replace("NOSUPERUSER", "SUPERUSER") if becomes_superuser else words
        if role.name not in there:
            connection.execute(f"CREATE ROLE {identifier(role.name)} {words}".encode())
    for text in (*_memberships(roles, there), *_ownership(roles, connection), *_settings(roles, connection)):
        try:
            connection.execute(text.encode())
        except psycopg.Error as error:
            yield f"The scratch does not take `{_what(text)}` (SQLSTATE {error.sqlstate})."
    if becomes_superuser and not _is_superuser(roles):
        yield (
            f"The role {roles.deploying} is a superuser on the copy: on the target it is a member of its provider's"
            " superuser role, whose rights no other server knows. What only those lack is not found."
        )
    elif roles.deploying in there and not _is_superuser(roles):
        yield f"The role {roles.deploying} is the copy's own superuser, and no superuser on the target."


def _memberships(roles: Roles, there: Iterable[str]) -> Iterator[str]:
    known = {role.name for role in roles.roles} | {*there}
    for each in roles.memberships:
        if each.role in known and each.member in known:
            admin = " WITH ADMIN OPTION" if each.is_admin else ""
            yield f"GRANT {identifier(each.role)} TO {identifier(each.member)}{admin}"


def _ownership(roles: Roles, connection: Connection[tuple[object, ...]]) -> Iterator[str]:
    yield f"ALTER DATABASE {identifier(connection.info.dbname)} OWNER TO {identifier(roles.database_owner)}"
    if roles.public_owner is not None:
        yield f"ALTER SCHEMA public OWNER TO {identifier(roles.public_owner)}"


def _settings(roles: Roles, connection: Connection[tuple[object, ...]]) -> Iterator[str]:
    for each in roles.settings:
        subject = (
            f"ROLE {identifier(each.role)} IN DATABASE {identifier(connection.info.dbname)}"
            if each.role
            else f"DATABASE {identifier(connection.info.dbname)}"
        )
        # A list is kept as the SQL that was given: each of its names already quoted.
        value = each.value if each.name in _LISTS and each.value else literal(each.value)
        yield f"ALTER {subject} SET {identifier(each.name) if '.' not in each.name else each.name} TO {value}"


def _what(text: str) -> str:
    return text.partition(" TO ")[0]


def _is_superuser(roles: Roles) -> bool:
    return any(role.name == roles.deploying and "SUPERUSER" in role.attributes for role in roles.roles)


def _role(name: str | None, *flags: str | None) -> Role:
    words = ("SUPERUSER", "INHERIT", "CREATEROLE", "CREATEDB", "BYPASSRLS", "REPLICATION")
    attributes = tuple(word if flag == "true" else f"NO{word}" for word, flag in zip(words, flags, strict=True))
    return Role(name=name or "", attributes=attributes)


def _setting(role: str, text: str) -> Setting:
    name, _, value = text.partition("=")
    return Setting(role=role, name=name, value=value)


def _rows(answer: object) -> Rows:
    if not isinstance(answer, Rows):
        raise RehearsalError("The target's roles may not be read.", hint="Grant the deploying role SELECT on pg_roles.")
    return answer
