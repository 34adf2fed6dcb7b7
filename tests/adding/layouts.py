"""Domain files as people write them, made up by hypothesis."""

from dataclasses import dataclass

from hypothesis import strategies as st

LISTS = ("intents", "entities", "actions")
MAPS = ("slots", "forms", "responses")
NAMES = st.sampled_from(["greet", "a", "ask_name", "Order", "x9", "été", "utter_hi", "handoffs"])
COMMENTS = st.sampled_from(
    ["# a comment", "#\ttabs\tin it", "  # indented", "", "   ", "# ünïcode 🤝", "#", "# - name: [x"]
)
TRAILING = st.sampled_from(["", "  # said here", "   "])


@dataclass(frozen=True)
class Style:
    """How one file is written all over."""

    newline: str
    final_newline: bool
    bom: bool
    start: bool
    end: bool


STYLES = st.builds(
    Style,
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([False, False, True]),
)


@st.composite
def lists(draw: st.DrawFn) -> list[str]:
    """A list's lines: plain names, mappings, anchors and aliases."""
    indent = " " * draw(st.sampled_from([0, 2, 4]))
    dash = "-" + " " * draw(st.sampled_from([1, 3]))
    lines: list[str] = []
    for name in draw(st.lists(NAMES, min_size=1, max_size=4, unique=True)):
        lines += draw(st.lists(COMMENTS, max_size=1))
        kind = draw(st.sampled_from(["plain", "quoted", "mapping", "flow"]))
        if kind == "mapping":
            lines += [f"{indent}{dash}{name}:", f"{indent} {' ' * len(dash)}use_entities: []{draw(TRAILING)}"]
        else:
            written = {"plain": name, "quoted": f"'{name}'", "flow": f"{{{name}: {{use_entities: []}}}}"}[kind]
            lines.append(f"{indent}{dash}{written}{draw(TRAILING)}")
    return lines


@st.composite
def maps(draw: st.DrawFn) -> list[str]:
    """A mapping's lines: flow values, block scalars, anchors with their aliases, values that are not there."""
    indent = " " * draw(st.sampled_from([1, 2, 4]))
    lines: list[str] = []
    anchors = 0
    for name in draw(st.lists(NAMES, min_size=1, max_size=4, unique=True)):
        lines += draw(st.lists(COMMENTS, max_size=1))
        kind = draw(st.sampled_from(["nothing", "flow", "literal", "kept", "anchor", "alias", "nested", "plain"]))
        if kind == "alias" and not anchors:
            kind = "anchor"
        match kind:
            case "nothing":
                lines.append(f"{indent}{name}:{draw(TRAILING)}")
            case "flow":
                lines += [f"{indent}{name}: {{a: [1,", f"{indent}    2]}}{draw(TRAILING)}"]
            case "literal":
                lines += [f"{indent}{name}: |", f"{indent}  some # text", f"{indent}  - more"]
            case "kept":
                lines += [f"{indent}{name}: >+", f"{indent}  folded", "", ""]
            case "anchor":
                anchors += 1
                lines += [f"{indent}{name}: &a{anchors}", f"{indent}  text: 'it''s'"]
            case "alias":
                lines.append(f"{indent}{name}: *a{anchors}{draw(TRAILING)}")
            case "nested":
                lines += [f"{indent}{name}:", f'{indent}- text: "a: b"', f"{indent}  buttons: []{draw(TRAILING)}"]
            case _:
                lines.append(f"{indent}{name}: some plain text{draw(TRAILING)}")
    return lines


@st.composite
def sections(draw: st.DrawFn, key: str) -> list[str]:
    """A top-level key in one of the ways it can be written."""
    is_list = key in LISTS
    kind = draw(st.sampled_from(["lines", "lines", "lines", "empty", "null", "tilde", "bare", "flow", "spread"]))
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    flow = [name if is_list else f"{name}: {{}}" for name in names]
    opening, closing = "[]" if is_list else "{}"
    comma = draw(st.sampled_from(["", ","]))
    match kind:
        case "lines":
            return [f"{key}:{draw(TRAILING)}", *draw(lists() if is_list else maps())]
        case "empty":
            return [f"{key}:{draw(TRAILING)}"]
        case "null" | "tilde":
            return [f"{key}: {'null' if kind == 'null' else '~'}{draw(TRAILING)}"]
        case "bare":
            return [f"{key}: {opening}{closing}{draw(TRAILING)}"]
        case "flow":
            return [f"{key}: {opening}{', '.join(flow)}{comma}{closing}{draw(TRAILING)}"]
        case _:
            return [
                f"{key}: {opening}",
                *(f"  {one}," for one in flow[:-1]),
                f"  {flow[-1]}{comma}  # last",
                f"  {closing}",
            ]


@st.composite
def domains(draw: st.DrawFn) -> str:
    """A whole file."""
    style = draw(STYLES)
    keys = draw(st.permutations([*LISTS, *MAPS]))[: draw(st.integers(0, 6))]
    lines = draw(st.lists(COMMENTS, max_size=2)) + (["---"] if style.start else []) + ['version: "3.1"']
    for key in keys:
        lines += draw(st.lists(COMMENTS, max_size=2)) + draw(sections(key))
    lines += draw(st.lists(COMMENTS, max_size=2)) + (["..."] if style.end else [])
    text = style.newline.join(lines) + (style.newline if style.final_newline else "")
    return ("\ufeff" if style.bom else "") + text
