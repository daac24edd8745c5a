"""The project's measurements: `huiyin bench …`, each on servers of its own, on this machine.

A figure here is one run on one machine; `pipeline` therefore measures its ceiling in the same run, on the same
servers: what Kafka and Postgres allow when nothing of ours stands around the same work.
"""
