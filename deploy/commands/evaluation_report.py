"""The figures of an evaluation as one page for people: tables, and curves as SVG. No text of any message."""

from collections.abc import Sequence
from html import escape

from deploy.commands.evaluated import Evaluation

#: Pixels of the drawing's side, and of its edge for the scale (project choice: two fit beside each other on a screen).
_SIDE, _EDGE = 360, 40
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}th,td{border:1px solid #bbb;padding:.2rem .6rem;text-align:right}
th:first-child{text-align:left}td.right{font-weight:bold}figure{display:inline-block;margin:0 1rem 1rem 0}
svg text{font:12px system-ui,sans-serif}
"""


def page(shown: Evaluation, name: str) -> str:
    """One HTML file that needs nothing else."""
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Evaluation · 分类评估</title>
<style>{_STYLE}</style><h1>Evaluation · 分类评估</h1>
<p>{escape(name)}, {shown.rows:,} rows. Figures only: no text of any message is here.</p>
{_doubts(shown)}{_summary(shown)}<h2>Per class · 各类</h2>{_per_class(shown)}
<h2>Confusion · 混淆</h2><p>Rows: what people said. Columns: what was guessed.</p>{_confusion(shown)}
<h2>Calibration and coverage · 把握与覆盖</h2>{_calibration(shown)}{_coverage(shown)}</html>
"""


def _summary(shown: Evaluation) -> str:
    lines = [
        ("macro-F1", shown.macro_f1),
        ("macro-F1 among the labels of the file", shown.macro_f1_among_labels),
        ("accuracy", shown.accuracy),
        ("right one among three", shown.top3_accuracy),
        ("covered at 95 % precision", shown.coverage_at_95_precision),
        ("expected calibration error", shown.calibration_error),
        ("goes out without a person", shown.auto_dispatch_share),
        ("of that, right category", shown.auto_dispatch_precision),
    ]
    if shown.trained:
        lines += [
            ("threshold, chosen on held-out messages of those learned from", shown.trained.threshold),
            ("covered at this threshold", shown.trained.coverage),
            ("of that, right", shown.trained.precision),
        ]
    return _rows([(escape(text), f"{value:.3f}") for text, value in lines])


def _doubts(shown: Evaluation) -> str:
    """What makes the figures worth little, before anybody reads them."""
    found = shown.trained.doubts if shown.trained else ()
    lines = "".join(f'<li><span lang="zh">{escape(one.zh)}</span><br>{escape(one.en)}</li>' for one in found)
    return f"<h2>Note · 注意</h2><ul>{lines}</ul>" if found else ""


def _per_class(shown: Evaluation) -> str:
    head = ("", "rows", "precision", "recall", "F1")
    lines = [
        (
            escape(line.label),
            f"{line.rows:,}",
            *(f"{value:.3f}" for value in (line.precision, line.recall, line.f1)),
        )
        for line in shown.per_class
    ]
    return _rows(lines, head)


def _confusion(shown: Evaluation) -> str:
    guesses = sorted({guess for row in shown.confusion.values() for guess in row})
    if len(guesses) > 40:
        return "<p>Too many labels for a table; the JSON has them all.</p>"
    head = ("", *(escape(guess or "–") for guess in guesses))
    lines = [
        (escape(label), *(str(row.get(guess, "")) for guess in guesses))
        for label, row in shown.confusion.items()
    ]
    return _rows(lines, head)


def _calibration(shown: Evaluation) -> str:
    points = [(each.said, each.right) for each in shown.calibration]
    return _figure("said (0–1) against right: the diagonal is honest", points, ideal=((0, 0), (1, 1)))


def _coverage(shown: Evaluation) -> str:
    points = [((at + 1) / len(shown.coverage_curve), right) for at, right in enumerate(shown.coverage_curve)]
    return _figure("share covered, the surest first, against precision", points, ideal=((0, 0.95), (1, 0.95)))


def _figure(
    caption: str,
    points: Sequence[tuple[float, float]],
    *,
    ideal: tuple[tuple[float, float], tuple[float, float]],
) -> str:
    ticks = "".join(
        f'<text x="{_x(at)}" y="{_SIDE + _EDGE + 16}" text-anchor="middle">{at:.1f}</text>'
        f'<text x="{_EDGE - 6}" y="{_y(at) + 4}" text-anchor="end">{at:.1f}</text>'
        for at in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    )
    return f"""<figure><svg role="img" aria-label="{escape(caption)}" width="{_SIDE + 2 * _EDGE}"
height="{_SIDE + 2 * _EDGE}"><rect x="{_EDGE}" y="{_EDGE}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#bbb"/>
{_line(ideal, "#999", "4 4")}{_line(points, "#0b62a4", "")}{ticks}</svg>
<figcaption>{escape(caption)}</figcaption></figure>"""


def _line(points: Sequence[tuple[float, float]], colour: str, dashes: str) -> str:
    path = " ".join(f"{_x(right)},{_y(up)}" for right, up in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'


def _x(share: float) -> float:
    return round(_EDGE + share * _SIDE, 1)


def _y(share: float) -> float:
    return round(_EDGE + (1 - share) * _SIDE, 1)


def _rows(lines: Sequence[Sequence[str]], head: Sequence[str] = ()) -> str:
    top = f"<tr>{''.join(f'<th>{cell}</th>' for cell in head)}</tr>" if head else ""
    body = "".join(
        f"<tr><th>{line[0]}</th>{''.join(f'<td>{cell}</td>' for cell in line[1:])}</tr>" for line in lines
    )
    return f"<table>{top}{body}</table>"
