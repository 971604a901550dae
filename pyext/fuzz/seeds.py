# ruff: noqa: INP001  a script, in no package
"""Asks a Postgres for the bytes that fuzzing starts from: DATABASE_URL=… python seeds.py.

In `seeds/value` each file is one value, in `seeds/record` a row, in the format that the target expects.
"""

import asyncio
import os
from pathlib import Path

import asyncpg

SEEDS = Path(__file__).parent / "seeds"
# A value of each type in SQL, and a few in which several things can go wrong.
VALUES = {
    "bool": "true",
    "bytea": r"'\x00ff61'::bytea",
    "char": "'c'::\"char\"",
    "name": "'name'::name",
    "int8": "9223372036854775807",
    "int2": "12::int2",
    "int4": "1234567",
    "text": "'a \"text\" é'::text",
    "oid": "4294967295::oid",
    "json": """'{"a" : [1]}'::json""",
    "xml": "'<a/>'::xml",
    "cidr": "'10.0.0.0/8'::cidr",
    "float4": "0.1::float4",
    "float8": "1e300::float8",
    "inet": "'::ffff:1.2.3.4/64'::inet",
    "bpchar": "'ab'::char(4)",
    "varchar": "'ab'::varchar",
    "date": "'2024-01-31'::date",
    "time": "'12:34:56.5'::time",
    "timestamp": "'2024-01-31T12:34:56'::timestamp",
    "timestamptz": "'infinity'::timestamptz",
    "interval": "'P1Y2M3DT4H5M6.7S'::interval",
    "timetz": "'12:34:56+02:30'::timetz",
    "numeric": "-12345678.000010::numeric",
    "numeric-long": "1e1000::numeric",
    "uuid": "'00112233-4455-6677-8899-aabbccddeeff'::uuid",
    "jsonb": """'{"a": [1]}'::jsonb""",
    "int4range": "'[1,10)'::int4range",
    "numrange": "'(1.5,]'::numrange",
    "tstzrange": "'empty'::tstzrange",
    "int4-array": "array[[1, null], [3, 4]]",
    "text-array": "array['a', null, '']",
    "numeric-array": "array[1.10, 'NaN']",
    "daterange-array": "array['[2024-01-31,)'::daterange]",
    "empty-array": "array[]::int4[]",
}
RECORDS = {
    "empty": "row()",
    "scalars": "row(1, null::text, 'two', 3.0, now(), true)",
    "nested": "row(1, row('a', row('b'), null))",
    "array": "row(array[row(1, 'a'), null, row(2, null)])",
    "empty-array": "row(array[]::record[])",
    "deep": "row(array[row(array[row(1)])])",
}


async def main() -> None:
    """Writes one file for each seed."""
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    for kind in ("value", "record"):
        (SEEDS / kind).mkdir(parents=True, exist_ok=True)
    for name, value in VALUES.items():
        record = await connection.fetchval(f"SELECT record_send(row({value}))")
        # A record: the number of fields, then a type, a length and the bytes of each.
        oid, raw = record[6:8], record[12:]
        (SEEDS / "value" / name).write_bytes(oid + bytes(3) + raw)
    for name, record in RECORDS.items():
        packed = await connection.fetchval(f"SELECT record_send({record})")
        (SEEDS / "record" / name).write_bytes(packed)
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main())
