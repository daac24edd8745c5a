"""The department's rules: pure functions and frozen values."""
