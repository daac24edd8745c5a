"""The composition root, and everything about running: settings, commands, broker, outbox, database, site, embedded servers.

Only here do the four slices meet, and only here are transactions committed.
"""
