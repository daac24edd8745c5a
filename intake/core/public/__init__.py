"""What everybody may read: published answers, knowledge entries and promised dates; and what staff keep from it."""
