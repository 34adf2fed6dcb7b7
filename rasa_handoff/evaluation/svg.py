"""Two small charts as inline SVG: bars and a line. Every text is escaped; colours come from the page's style."""

from collections.abc import Sequence

from markupsafe import Markup

_BAR, _GAP, _LABEL, _WIDE = 22, 8, 165, 500
_LINE_WIDE, _LINE_HIGH, _LEFT, _BOTTOM, _TOP = 320, 190, 40, 30, 14

Point = tuple[float, float]


def bars(rows: Sequence[tuple[str, int, str]]) -> Markup:
    """Horizontal bars of (label, number, what stands beside it)."""
    most = max((number for _, number, _ in rows), default=0) or 1
    room = _WIDE - _LABEL - 110
    drawn = [_bar(at, label, number * room / most, told) for at, (label, number, told) in enumerate(rows)]
    high = len(rows) * (_BAR + _GAP)
    told = Markup("{}: {}")
    title = "; ".join(told.format(label, words) for label, _, words in rows)
    return _framed(_WIDE, high, title, drawn)


def _bar(at: int, label: str, long: float, told: str) -> Markup:
    top = at * (_BAR + _GAP)
    return Markup(
        '<text class="label" x="{right}" y="{middle}" text-anchor="end">{label}</text>'
        '<rect class="bar" x="{left}" y="{top}" width="{long}" height="{bar}" rx="4"/>'
        '<text class="value" x="{after}" y="{middle}">{told}</text>'
    ).format(
        right=_LABEL - 10,
        left=_LABEL,
        top=top,
        middle=top + _BAR * 0.7,
        long=f"{max(long, 1.5):.1f}",
        bar=_BAR,
        after=f"{_LABEL + max(long, 1.5) + 8:.1f}",
        label=label,
        told=told,
    )


def line(points: Sequence[Point], current: float, title: str) -> Markup:
    """A share in [0, 1] over a setting's values; the value as it is set is marked."""
    top = _ceiling(max((share for _, share in points), default=0.0))
    first, last = points[0][0], points[-1][0]
    wide, high = _LINE_WIDE - _LEFT - 12, _LINE_HIGH - _BOTTOM - _TOP

    def place(value: float, share: float) -> tuple[str, str]:
        across = (value - first) / (last - first) if last > first else 0.5
        return f"{_LEFT + across * wide:.1f}", f"{_TOP + (1 - share / top) * high:.1f}"

    drawn = [_grid(share, place(first, share)[1]) for share in (0.0, top / 2, top)]
    way = " ".join(",".join(place(*point)) for point in points)
    drawn.append(Markup('<polyline class="line" points="{}"/>').format(way))
    drawn += [_dot(place(*point), *point, now=point[0] == current) for point in points]
    drawn += [_tick(place(value, 0.0)[0], value) for value in _ticks([value for value, _ in points], current)]
    return _framed(_LINE_WIDE, _LINE_HIGH, title, drawn)


def _ceiling(share: float) -> float:
    """The top of the axis: the next round share."""
    return next((top for top in (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8) if share <= top), 1.0)


def _ticks(values: Sequence[float], current: float) -> list[float]:
    """The ends and the current value, where they do not stand on one another."""
    apart = (values[-1] - values[0]) / 8 or 1
    ends = [value for value in (values[0], values[-1]) if abs(value - current) >= apart]
    return [*ends, current] if values[0] <= current <= values[-1] else ends


def _grid(share: float, y: str) -> Markup:
    return Markup(
        '<line class="grid" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>'
        '<text class="tick" x="{before}" y="{y}" dy="4" text-anchor="end">{share}</text>'
    ).format(left=_LEFT, right=_LINE_WIDE - 8, before=_LEFT - 6, y=y, share=f"{share * 100:.3g}%")


def _dot(at: tuple[str, str], value: float, share: float, *, now: bool) -> Markup:
    return Markup('<circle class="{}" cx="{}" cy="{}" r="{}"><title>{}: {}</title></circle>').format(
        "dot now" if now else "dot", *at, 5.5 if now else 3, f"{value:g}", f"{share * 100:.1f}%"
    )


def _tick(x: str, value: float) -> Markup:
    return Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
        x, _LINE_HIGH - 10, f"{value:g}"
    )


def _framed(wide: float, high: float, title: str, drawn: Sequence[Markup]) -> Markup:
    head = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(wide, high, title)
    return head + Markup("").join(drawn) + Markup("</svg>")
