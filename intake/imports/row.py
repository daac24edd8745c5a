"""One row while it is read: its cells by meaning, and the notes on it."""

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files

from intake.core.contacts.dialled import UNSEEN
from intake.imports.cells import Unreadable, says_nothing, text_of
from intake.imports.columns import Cell, is_spare
from schemas.errors import FieldError
from schemas.simplified import simplified

_WORDS = tomllib.loads(files("intake.imports").joinpath("words.toml").read_text("utf-8"))


@dataclass(slots=True)
class MeantRow:
    """A row while it is read. `aside`: for the case; `of_contact`: what belongs among the contact details."""

    cells: Mapping[str, Sequence[Cell]]
    notes: list[FieldError] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    of_contact: list[str] = field(default_factory=list)
    #: Read it as earlier releases did, for what they noted of it.
    is_as_before: bool = False
    #: Whether earlier releases read some of it otherwise.
    is_read_anew: bool = False

    def texts(self, meaning: str) -> list[str]:
        """What stands in the columns of this meaning, each thing once, as text."""
        said = [text_of(cell.value) for cell in self.cells.get(meaning, ())]
        return list(dict.fromkeys(text for text in said if text))

    def shown(self, meaning: str) -> list[str]:
        """What stands in the columns of this meaning, also what cannot be read, as the program shows it."""
        values = [cell.value for cell in self.cells.get(meaning, ())]
        return [value.shown if isinstance(value, Unreadable) else text_of(value) for value in values]

    def first(self, meaning: str) -> str | None:
        """What stands first in them, unless it stands for nothing; whatever else does is put aside."""
        said = [text for text in self.texts(meaning) if not says_nothing(text)]
        for text in said[1:]:
            self.put_aside(meaning, text, "另有", "there is another")
        return said[0] if said else None

    def put_aside(self, meaning: str, text: str, zh: str, en: str) -> None:
        """Keep with the case what could not be read, and say so."""
        self.aside.append(f"{self.called(meaning, text)}“{text}”")
        self.note(meaning, f"{zh}：“{text}”，已作为备注保留。", f"{en}: {text!r}; kept as a note.")

    def keep_contact(self, meaning: str, text: str, zh: str, en: str) -> None:
        """Keep among the contact details what could not be read, for those who may see them, and say so."""
        self.of_contact.append(f"{self.called(meaning, text)}：{text}")
        self.note(meaning, f"{zh}，已作为备注保留。", f"{en}; kept as a note.")

    def note(self, meaning: str, zh: str, en: str) -> None:
        """Add a remark on a column to what is reported of the row."""
        self.notes.append(FieldError(meaning, zh, en))

    def called(self, meaning: str, text: str) -> str:
        """How the file calls the column of this meaning that holds this; the first of them, where none has it as it is."""
        cells = self.cells.get(meaning, ())
        holding = [cell for cell in cells if text_of(cell.value).split() == text.split()]
        return next((cell.column for cell in holding or cells), meaning)


def by_meaning(cells: Sequence[Cell]) -> Mapping[str, Sequence[Cell]]:
    """The cells of a row by what their columns mean, spare ones last, without those that mean nothing to us."""
    found: dict[str, list[Cell]] = {}
    for cell in sorted(cells, key=lambda cell: cell.field == "phone" and is_spare(cell.column)):
        if cell.field is not None:
            found.setdefault(cell.field, []).append(cell)
    return found


def word(table: str, said: str) -> str | None:
    """Our word for theirs; None for one that we do not know."""
    seen = UNSEEN.sub("", unicodedata.normalize("NFKC", said))
    plain = "".join(simplified(seen).lower().split()).strip("。.！!")
    for ours, theirs in _WORDS[table].items():
        if plain == ours or plain in theirs:
            return str(ours)
    return None
