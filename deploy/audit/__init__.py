"""The audit: anchors outside the database, and what `huiyin audit verify` compares."""
