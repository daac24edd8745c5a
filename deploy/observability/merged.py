"""The metrics of several processes as one text."""

from collections.abc import Iterator, Mapping


def merge(texts: Mapping[str, str]) -> str:
    """One Prometheus text of each process's own, every sample labelled with its process, each family in one piece.

    Lines are moved, not parsed: parsing the samples of a whole city takes a good part of a second.
    """
    families: dict[str, tuple[list[str], list[str]]] = {}
    for process, text in texts.items():
        for name, line in _by_family(text):
            heads, samples = families.setdefault(name, ([], []))
            if not line.startswith("#"):
                samples.append(_labelled(line, process))
            elif line not in heads:
                heads.append(line)
    return "".join(f"{line}\n" for heads, samples in families.values() for line in (*heads, *samples))


def _by_family(text: str) -> Iterator[tuple[str, str]]:
    name = ""
    for line in text.splitlines():
        if line.startswith(("# HELP ", "# TYPE ")):
            name = line.split(" ", 3)[2]
        if line:
            yield name, line


def _labelled(sample: str, process: str) -> str:
    label = f'process="{process}"'
    name, brace, rest = sample.partition("{")
    if brace:
        return f"{name}{{{label},{rest}"
    name, _, value = sample.partition(" ")
    return f"{name}{{{label}}} {value}"
