"""Set-up: the environment, Kafka's jars, the pages' assets; each locked, each made only when missing."""
