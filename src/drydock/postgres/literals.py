"""SQL text from values: identifiers and literals quoted for a server with standard_conforming_strings on."""


def identifier(name: str) -> str:
    """A quoted identifier, also for names with quotes in them."""
    return '"' + name.replace('"', '""') + '"'


def qualified(schema: str, name: str) -> str:
    """A quoted `"schema"."name"`."""
    return f"{identifier(schema)}.{identifier(name)}"


def literal(value: str | None) -> str:
    """A quoted string, or NULL. A backslash forces the E'' form, which means the same under any setting."""
    if value is None:
        return "NULL"
    quoted = value.replace("'", "''")
    return f"'{quoted}'" if "\\" not in quoted else "E'" + quoted.replace("\\", "\\\\") + "'"
