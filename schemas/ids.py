"""Names for the identifiers that travel between slices."""

import re
from typing import NewType

#: A case, everywhere: UUID text, and the key of every Kafka record about it.
CaseId = NewType("CaseId", str)
#: A file that came with a message: UUID text that nobody can guess.
AttachmentId = NewType("AttachmentId", str)
#: One event, once: UUIDv7 text, what inboxes deduplicate on.
EventId = NewType("EventId", str)
#: What the citizen holds (查询号): sixteen characters, `XXXX-XXXX-XXXX-XXXX`.
TrackingCode = NewType("TrackingCode", str)
#: A knowledge entry: UUID text, and the key of every Kafka record about it.
EntryId = NewType("EntryId", str)
#: The secret beside it (查询码).
AccessCode = NewType("AccessCode", str)
#: A department's code in departments.toml; part of its topic's name.
DepartmentCode = NewType("DepartmentCode", str)
#: A district's code in regions.toml.
RegionCode = NewType("RegionCode", str)
#: A category's code in taxonomy.toml.
CategoryCode = NewType("CategoryCode", str)
#: A subcategory's code in subcategories.toml.
SubcategoryCode = NewType("SubcategoryCode", str)
#: An item's code in items.toml, the dispatch catalogue.
ItemCode = NewType("ItemCode", str)
#: A tag's code in tags.toml.
TagCode = NewType("TagCode", str)

#: The one spelling of a UUID that we write: two spellings of one case would be two cases.
UUID_PATTERN = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_UUID = re.compile(UUID_PATTERN)


def is_uuid(text: str) -> bool:
    """Whether `text` is a case's or an event's id as we spell it: lower case, with hyphens."""
    return _UUID.fullmatch(text) is not None
