"""Notices on their way: who is told what, by which channel, and what became of it.

Slices say in their transactions what happened and whom it concerns, and word it; here it is sent, recipient by recipient,
until it was taken, refused for good, or tried for days. The process is `huiyin notify` (`deploy/processes/notify.py`).
"""
