"""The metrics of several processes as one text."""

from collections.abc import Iterator, Mapping

#: A process's name, and which of its kind it is.
Replica = tuple[str, str]


def merge(texts: Mapping[Replica, str]) -> str:
    """One Prometheus text of each process's own, every sample labelled with process and replica, each family in one piece.

    Two of a kind have series of their own: what one counted is never taken for what the other did.

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


def _labelled(sample: str, process: Replica) -> str:
    name, replica = process
    label = f'process="{name}",replica="{replica}"'
    name, brace, rest = sample.partition("{")
    if brace:
        return f"{name}{{{label},{rest}"
    name, _, value = sample.partition(" ")
    return f"{name}{{{label}}} {value}"
