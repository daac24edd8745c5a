"""What is wrong with a form, as its page shows it: a summary that leads to the fields, and a sentence at each field."""

from collections.abc import Mapping

import msgspec

from schemas.errors import BadInput, HuiyinError
from schemas.words import Language


class FormError(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the summary. `field`: the input that it leads to; `label`: what the page calls that."""

    field: str
    text: str
    label: str = ""


class FormErrors(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is wrong; false where nothing is."""

    summary: tuple[FormError, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.summary)

    @property
    def by_field(self) -> Mapping[str, str]:
        """The sentence for each field; of several the first."""
        return {error.field: error.text for error in reversed(self.summary)}


NO_ERRORS = FormErrors()


def form_errors(
    refusal: HuiyinError,
    language: Language,
    *,
    otherwise: str = "",
    inputs: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    prefix: str = "",
) -> FormErrors:
    """What a page shows of a refusal.

    `otherwise`: where a refusal leads that names no field. `inputs`: what the page calls a field's input, where not like
    the field. `labels`: fields' names for people. `prefix`: stands before each input's name, where a page has several forms.
    """
    if not isinstance(refusal, BadInput):
        return FormErrors(summary=(FormError(field=otherwise, text=refusal.message(language)),))
    inputs, labels = inputs or {}, labels or {}
    return FormErrors(
        summary=tuple(
            FormError(
                field=prefix + inputs.get(error.field, error.field),
                text=error.message(language),
                label=labels.get(error.field, ""),
            )
            for error in refusal.errors
        )
    )
