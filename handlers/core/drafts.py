"""A reply that begins with a knowledge entry: its answer, and where that is from."""

from schemas.values import EntryContent


def draft_from(entry: EntryContent) -> str:
    """The answer of the entry, and behind it which one that is: what is sent is the department's to change.

    In Chinese, as replies are.
    """
    number = f"，{entry.document_number}" if entry.document_number else ""
    return f"{entry.answer}\n\n（参考知识点“{entry.title}”{number}，核对日期 {entry.checked_on}）"
