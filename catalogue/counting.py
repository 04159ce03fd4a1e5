"""The triggers that keep the rollups of products: `product_figure` by `product`, `published_figure` by
`published_product`.

They count in the transaction that moves a product, whatever moves it. SQLite counts row by row; PostgreSQL once a
statement, from the rows before and after it, so that a thousand rows are one write to each figure.
"""
# ruff: noqa: S608 - every name in these statements is written here

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rollup:
    """`figures` counts the rows of `table` by `keys` (column of the figures -> expression over a row)."""

    table: str
    figures: str
    keys: tuple[tuple[str, str], ...]

    @property
    def names(self) -> str:
        return ", ".join(name for name, _ in self.keys)

    def row(self, alias: str) -> str:
        """The key of one row, by the alias of the row."""
        return ", ".join(expression.format(alias) for _, expression in self.keys)


ROLLUPS = (
    Rollup(
        "product",
        "product_figure",
        (
            ("tenant_id", "{}.tenant_id"),
            ("upt_id", "{}.upt_id"),
            ("category", "coalesce({}.category, '')"),
            ("goods_group", "coalesce({}.goods_group, '')"),
            ("state", "{}.state"),
        ),
    ),
    Rollup(
        "published_product",
        "published_figure",
        (
            ("kanwil_code", "{}.kanwil_code"),
            ("upt_slug", "{}.upt_slug"),
            ("category", "{}.category"),
            ("goods_group", "{}.goods_group"),
            ("state", "{}.state"),
        ),
    ),
)


def statements(dialect: str) -> list[str]:
    """The DDL for `sqlite` or `postgresql`, safe to run again."""
    made = _sqlite if dialect == "sqlite" else _postgresql
    return [statement for rollup in ROLLUPS for statement in made(rollup)]


def _sqlite(rollup: Rollup) -> list[str]:
    add = (
        f"INSERT INTO {rollup.figures} ({rollup.names}, products) VALUES ({rollup.row('NEW')}, 1) "
        f"ON CONFLICT ({rollup.names}) DO UPDATE SET products = products + 1"
    )
    same = " AND ".join(f"{name} = {expression.format('OLD')}" for name, expression in rollup.keys)
    take = f"UPDATE {rollup.figures} SET products = products - 1 WHERE {same}"
    moved = f"({rollup.row('OLD')}) IS NOT ({rollup.row('NEW')})"
    name = f"CREATE TRIGGER IF NOT EXISTS {rollup.figures}"
    return [
        f"{name}_added AFTER INSERT ON {rollup.table} BEGIN {add}; END",
        f"{name}_moved AFTER UPDATE ON {rollup.table} WHEN {moved} BEGIN {take}; {add}; END",
        f"{name}_removed AFTER DELETE ON {rollup.table} BEGIN {take}; END",
    ]


def _postgresql(rollup: Rollup) -> list[str]:
    """Keys in order: two writers meet at the same figure first."""
    function = f"karya_{rollup.figures}"
    more = f"SELECT {rollup.row('n')}, 1 AS change FROM fresh n"
    less = f"SELECT {rollup.row('o')}, -1 FROM gone o"
    named = ", ".join(f"c{number}" for number in range(len(rollup.keys)))

    def count(rows: str) -> str:
        return (
            f"INSERT INTO {rollup.figures} AS f ({rollup.names}, products) SELECT {named}, sum(change) "
            f"FROM ({rows}) AS changed ({named}, change) GROUP BY {named} HAVING sum(change) <> 0 ORDER BY {named} "
            f"ON CONFLICT ({rollup.names}) DO UPDATE SET products = f.products + excluded.products"
        )

    made = [
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'INSERT' THEN {count(more)}; "
        f"ELSIF TG_OP = 'DELETE' THEN {count(less)}; "
        f"ELSE {count(f'{more} UNION ALL {less}')}; END IF; RETURN NULL; END $$"
    ]
    for event, name, rows in (
        ("INSERT", "added", "NEW TABLE AS fresh"),
        ("UPDATE", "moved", "OLD TABLE AS gone NEW TABLE AS fresh"),
        ("DELETE", "removed", "OLD TABLE AS gone"),
    ):
        trigger = f"{rollup.figures}_{name}"
        made += [
            f"DROP TRIGGER IF EXISTS {trigger} ON {rollup.table}",
            f"CREATE TRIGGER {trigger} AFTER {event} ON {rollup.table} REFERENCING {rows} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
        ]
    return made
