"""A benchmark's rows: printed as a table, written to benchmarks/results/NAME.json."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Row:
    """`value op target` is what must hold; a row without a target only informs."""

    metric: str
    value: float
    unit: str
    op: str | None = None
    target: float | None = None

    @property
    def holds(self) -> bool | None:
        if self.op is None or self.target is None:
            return None
        return self.value <= self.target if self.op == "<=" else self.value >= self.target


def publish(name: str, rows: list[Row]) -> bool:
    """Print and write the rows. True when every target is met."""
    table = Table("metric", "value", "unit", "target", "", title=name)
    for row in rows:
        target = f"{row.op} {row.target:g}" if row.target is not None else ""
        mark = {None: "", True: "[green]holds[/green]", False: "[red]missed[/red]"}[row.holds]
        table.add_row(row.metric, f"{row.value:.4g}", row.unit, target, mark)
    Console().print(table)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
    return all(row.holds is not False for row in rows)


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[18]


__all__ = ["Row", "median", "p95", "publish"]
