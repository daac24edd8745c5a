"""Calendars, rules and clocks as pure functions over frozen values."""
