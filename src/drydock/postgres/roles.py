"""The target's roles on the scratch: names, rights and memberships, no passwords; steps run as the deploy role.

A migration that its role may not run must fail on the scratch, and `GRANT ... TO app` must find its `app`.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import psycopg

from drydock.errors import RehearsalError
from drydock.postgres.interface import Reader, Row, Rows
from drydock.postgres.literals import identifier, literal
from drydock.redact import Secret

ROLES = """SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_catalog.pg_roles
 WHERE rolname !~ '^pg_' ORDER BY rolname"""
MEMBERS = """SELECT r.rolname, m.rolname, a.admin_option FROM pg_catalog.pg_auth_members a
  JOIN pg_catalog.pg_roles r ON r.oid = a.roleid JOIN pg_catalog.pg_roles m ON m.oid = a.member
 WHERE m.rolname !~ '^pg_' ORDER BY 1, 2"""
OWNER = """SELECT r.rolname FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.oid = d.datdba
 WHERE d.datname = pg_catalog.current_database()"""
ATTRIBUTES = ("SUPERUSER", "INHERIT", "CREATEROLE", "CREATEDB", "BYPASSRLS")
PROVIDERS = frozenset(
    ("rds_superuser", "cloudsqlsuperuser", "alloydbsuperuser", "neon_superuser", "azure_pg_admin", "supabase_admin")
)
"""Roles by which managed services hand out a part of a superuser's rights, which no other server knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What the target's catalog says of its roles."""

    roles: tuple[Row, ...]
    members: tuple[Row, ...]
    owner: str
    deployer: str

    @property
    def rules_as_provider(self) -> str | None:
        """The managed service's superuser role that the deploy role belongs to, or None."""
        return next((str(row[0]) for row in self.members if row[0] in PROVIDERS and row[1] == self.deployer), None)


def read_roles(reader: Reader, deployer: str) -> Roles:
    """Read them in one round trip. Raises UnreachableError, or RehearsalError when they may not be read."""
    roles, members, owner = reader.read(ROLES, MEMBERS, OWNER)
    if not (isinstance(roles, Rows) and isinstance(members, Rows) and isinstance(owner, Rows)):
        raise RehearsalError(
            "The target's roles may not be read.", hint="Grant SELECT on pg_roles, as it is by default."
        )
    return Roles(roles=roles.rows, members=members.rows, owner=str(owner.first()[0]), deployer=deployer)


def recreate(address: Secret, roles: Roles, *, password: Secret) -> tuple[str, ...]:
    """Make the roles on the scratch, where `address` is a superuser's; only the deploy role may log in.

    A role that is there already, such as that superuser, stays as it is.

    Answers with notes. Raises RehearsalError when the scratch refuses.
    """
    try:
        with psycopg.connect(address.reveal(), autocommit=True) as connection:
            there = {name for (name,) in connection.execute("SELECT rolname FROM pg_catalog.pg_roles").fetchall()}
            owner = f"ALTER DATABASE {identifier(connection.info.dbname)} OWNER TO {identifier(roles.owner)}"
            for statement in (*_creation(roles, there, password=password), *_grants(roles, there), owner):
                connection.execute(statement.encode())
    except psycopg.Error as error:
        raise RehearsalError(f"The target's roles cannot be made on the scratch: {error.sqlstate}.") from None
    if (provider := roles.rules_as_provider) is None:
        return ()
    return (f"{roles.deployer} has rights by {provider} that only its service knows: it rehearsed as a superuser.",)


def _creation(roles: Roles, there: AbstractSet[str], *, password: Secret) -> Iterator[str]:
    for row in roles.roles:
        if row[0] not in there:
            yield f"CREATE ROLE {_definition(row, roles, password=password)}"


def _grants(roles: Roles, there: AbstractSet[str]) -> Iterator[str]:
    known = there | {str(row[0]) for row in roles.roles}
    for granted, member, admin in roles.members:
        if granted in known and member not in there:
            option = " WITH ADMIN OPTION" if admin == "t" else ""
            yield f"GRANT {identifier(str(granted))} TO {identifier(str(member))}{option}"


def _definition(row: Row, roles: Roles, *, password: Secret) -> str:
    name, *flags = row
    is_deployer = name == roles.deployer
    words = [word if flag == "t" else f"NO{word}" for word, flag in zip(ATTRIBUTES, flags, strict=True)]
    if is_deployer and roles.rules_as_provider:
        words[0] = "SUPERUSER"
    login = f"LOGIN PASSWORD {literal(password.reveal())}" if is_deployer else "NOLOGIN"
    return f"{identifier(str(name))} {' '.join(words)} {login}"
