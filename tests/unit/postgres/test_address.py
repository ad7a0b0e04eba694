"""What of an address goes to libpq, what is Prisma's, and what is refused by its name."""

import pytest
from psycopg.conninfo import conninfo_to_dict

from drydock.errors import UsageError
from drydock.postgres.address import OF_OTHERS, address_of
from drydock.redact import Secret

BASE = "postgresql://ann:pa55@db.example/shop"
PRISMAS = "pgbouncer=true&connection_limit=5&pool_timeout=10&socket_timeout=3&statement_cache_size=0"


def test_prismas_parameters_never_reach_libpq_and_its_own_do() -> None:
    url = f"{BASE}?schema=ma%20rina&{PRISMAS}&sslaccept=accept_invalid_certs&sslmode=require&connect_timeout=4"

    address = address_of(Secret(url))

    assert address.schema == "ma rina"
    assert conninfo_to_dict(address.dsn.reveal()) == {
        "user": "ann",
        "password": "pa55",
        "host": "db.example",
        "dbname": "shop",
        "sslmode": "require",
        "connect_timeout": "4",
    }


@pytest.mark.parametrize("parameter", [*(f"{name}=x" for name in OF_OTHERS), "sslaccept=strict"])
def test_parameter_that_would_mean_something_is_refused_by_name_and_nothing_else_is_shown(parameter: str) -> None:
    with pytest.raises(UsageError) as refused:
        address_of(Secret(f"{BASE}?sslmode=require&{parameter}"))

    said = f"{refused.value.what} {refused.value.hint}"
    assert parameter.partition("=")[0] in refused.value.what
    assert "pa55" not in said
    assert "db.example" not in said


def test_keyword_string_goes_as_it_is() -> None:
    text = "host=db.example dbname=shop password='a?schema=b'"

    assert address_of(Secret(text)).dsn.reveal() == text
