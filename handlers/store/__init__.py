"""All SQL of handlers. Bulk statements take columns as lists: one statement, whatever the number of rows."""
