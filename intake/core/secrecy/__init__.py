"""Whether somebody asks for secrecy, in words or in a field, and what is promised then."""
