"""Differences to plant in types, functions, views, rights and the rarer kinds, as in `planted`."""

from tests.integration.planted import Planted

ELSEWHERE = (
    Planted(
        id="enum order",
        sql="ALTER TYPE mood ADD VALUE 'wild' BEFORE 'rough'",
        told='enum public.mood: labels is ["calm", "rough"] in the first, ["calm", "wild", "rough"]',
    ),
    Planted(
        id="domain constraint",
        sql="ALTER DOMAIN knots DROP CONSTRAINT knots_check",
        told="constraint public.knots.knots_check: only in the first",
    ),
    Planted(
        id="domain default",
        sql="ALTER DOMAIN knots SET DEFAULT 1",
        told="domain public.knots: default expression is not there in the first",
    ),
    Planted(
        id="composite attribute",
        sql="ALTER TYPE fix ADD ATTRIBUTE height float8",
        told="column public.fix.height: only in the second",
    ),
    Planted(
        id="function body",
        sql="CREATE OR REPLACE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
        told="function public.stamp(): definition is different from line 4: AS $function$ BEGIN RETURN NEW;",
    ),
    Planted(
        id="function security",
        sql="ALTER FUNCTION stamp() SECURITY DEFINER",
        told="function public.stamp(): definition is different from line 4",
    ),
    Planted(
        id="function overload",
        sql="CREATE FUNCTION stamp(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1'",
        told="function public.stamp(integer): only in the second",
    ),
    Planted(
        id="aggregate",
        sql="DROP AGGREGATE joined(text);"
        " CREATE AGGREGATE joined(text) (SFUNC = textcat, STYPE = text, INITCOND = '-')",
        told="aggregate public.joined(text): initial is not there in the first, - in the second",
    ),
    Planted(
        id="trigger disabled",
        sql="ALTER TABLE ship DISABLE TRIGGER ship_stamp",
        told="trigger public.ship.ship_stamp: enabled is yes in the first, no in the second",
    ),
    Planted(
        id="rule",
        sql="ALTER TABLE port DISABLE RULE keep",
        told="rule public.port.keep: enabled is yes in the first, no in the second",
    ),
    Planted(
        id="view",
        sql="CREATE OR REPLACE VIEW long_ship AS SELECT id FROM ship WHERE length > 200",
        told="view public.long_ship: definition is different from line 3",
    ),
    Planted(
        id="materialised view emptied",
        sql="REFRESH MATERIALIZED VIEW ship_count WITH NO DATA",
        told="view public.ship_count: populated is true in the first, false in the second",
    ),
    Planted(
        id="sequence increment",
        sql="ALTER SEQUENCE ticket INCREMENT 10",
        told="sequence public.ticket: increment is 1 in the first, 10 in the second",
    ),
    Planted(
        id="sequence owner",
        sql="ALTER SEQUENCE ticket OWNED BY port.id",
        told="sequence public.ticket: owned by is not there in the first, public.port.id in the second",
    ),
    Planted(
        id="policy",
        sql="ALTER POLICY named ON ship USING (name <> 'x')",
        told="policy public.ship.named: using expression is (name <> ''::text) in the first",
    ),
    Planted(
        id="comment",
        sql="COMMENT ON TABLE ship IS 'sunk'",
        told="comment table public.ship: text is afloat in the first, sunk in the second",
    ),
    Planted(
        id="comment on a column",
        sql="COMMENT ON COLUMN ship.name IS 'as painted'",
        told="comment table column public.ship.name: only in the second",
    ),
    Planted(
        id="grant",
        sql="GRANT SELECT ON ship TO PUBLIC",
        told="grant table public.ship: privileges is",
    ),
    Planted(
        id="grant on a column",
        sql="GRANT UPDATE (name) ON ship TO PUBLIC",
        told="grant table column public.ship.name: only in the second",
    ),
    Planted(
        id="revoke on a function",
        sql="REVOKE EXECUTE ON FUNCTION stamp() FROM PUBLIC",
        told="grant function public.stamp(): privileges is",
    ),
    Planted(
        id="default privileges",
        sql="ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC",
        told="default grant",
    ),
    Planted(
        id="extension",
        sql="DROP FUNCTION stamp CASCADE; DROP EXTENSION plpgsql",
        told="extension plpgsql: only in the first",
    ),
    Planted(
        id="statistics",
        sql="DROP STATISTICS ship_stats",
        told="statistics public.ship_stats: only in the first",
    ),
    Planted(
        id="publication",
        sql="ALTER PUBLICATION everything ADD TABLE port",
        told="publication everything: tables is",
    ),
    Planted(
        id="event trigger",
        sql="CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;"
        " CREATE EVENT TRIGGER watching ON ddl_command_end EXECUTE FUNCTION watch()",
        told="event trigger watching: only in the second",
    ),
    Planted(
        id="range type",
        sql="CREATE TYPE watch AS RANGE (subtype = time)",
        told="range public.watch: only in the second",
    ),
    Planted(
        id="operator",
        sql="CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
        told="other operator public.===(pg_catalog.text,pg_catalog.text): only in the second",
    ),
    Planted(
        id="schema",
        sql="CREATE SCHEMA charts",
        told="schema charts: only in the second",
    ),
)
